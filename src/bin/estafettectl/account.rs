//! `estafettectl account`.

use estafette::domain::account::{AccountConfig, AuthMethod, Endpoint, HostSource, Trust};
use estafette::domain::address::EmailAddress;
use estafette::engine::{Error, ErrorKind};
use serde_json::json;

use crate::args::{AccountAdd, AccountCommand};
use crate::output::{Failure, Output, say};
use crate::session::{Context, read_secret};

pub(crate) async fn run(context: &Context, command: AccountCommand, output: &Output) -> Result<(), Failure> {
    match command {
        AccountCommand::Add(add) => self::add(context, add, output).await,
        AccountCommand::List => list(context, output).await,
        AccountCommand::Check { address } => check(context, address, output).await,
        AccountCommand::Connections { most } => connections(context, most, output).await,
        AccountCommand::Remove { address } => remove(context, &address, output).await,
    }
}

async fn add(context: &Context, add: AccountAdd, output: &Output) -> Result<(), Failure> {
    let address =
        EmailAddress::parse(&add.address).map_err(|e| Failure::Usage(format!("{}: {e}", add.address)))?;
    let password = add.password_file.as_deref().map(read_secret).transpose()?;
    if matches!(add.auth.into(), AuthMethod::Card) {
        // the account belongs to the store of this card; its PIN is not needed yet
        context.card().await;
        context.engine.holder()?;
    }
    // where there is no keyring the card itself opens the store
    context.offline().await?;
    let config = configuration(context, &add, address).await?;
    if config.auth == AuthMethod::Password && password.is_none() {
        return Err(Failure::Usage("--auth password needs --password-file".to_owned()));
    }
    let address = config.address.clone();
    let id = context.engine.add_account(config, password).await?;
    output.answer(&json!({"id": id, "address": address}), || say!("{id}  {address}"));
    Ok(())
}

async fn configuration(
    context: &Context,
    add: &AccountAdd,
    address: EmailAddress,
) -> Result<AccountConfig, Failure> {
    let trust = match &add.ca {
        Some(ca) => {
            Trust::Authority { ca: absolute(ca)?, crl: add.crl.as_deref().map(absolute).transpose()? }
        }
        None => Trust::IgcSante,
    };
    let mut config = match (&add.imap, &add.smtp) {
        (Some(imap), Some(smtp)) => AccountConfig {
            display_name: address.to_string(),
            auth: add.auth.into(),
            imap: endpoint(imap, add)?,
            smtp: endpoint(smtp, add)?,
            trust: trust.clone(),
            address,
            source: HostSource::Typed,
        },
        (None, None) => context.engine.servers_for(&address).await?,
        _ => return Err(Failure::Usage("--imap and --smtp go together".to_owned())),
    };
    config.auth = add.auth.into();
    if add.ca.is_some() {
        config.trust = trust;
    }
    if let Some(name) = &add.name {
        config.display_name.clone_from(name);
    }
    Ok(config)
}

fn endpoint(text: &str, add: &AccountAdd) -> Result<Endpoint, Failure> {
    let wrong = || Failure::Usage(format!("{text}: expected HOST:PORT"));
    let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
    let port = port.parse().map_err(|_| wrong())?;
    Ok(Endpoint { host: host.to_owned(), port, security: add.security.into() })
}

fn absolute(path: &std::path::Path) -> Result<std::path::PathBuf, Failure> {
    std::path::absolute(path).map_err(|e| Failure::Usage(format!("{}: {e}", path.display())))
}

async fn list(context: &Context, output: &Output) -> Result<(), Failure> {
    context.offline().await?;
    let accounts = context.engine.accounts().await?;
    output.answer(&accounts, || {
        for account in &accounts {
            let (config, imap) = (&account.config, &account.config.imap);
            say!("{}  {}  {:?}  {}:{}", account.id, config.address, config.auth, imap.host, imap.port);
        }
    });
    Ok(())
}

async fn check(context: &Context, address: Option<String>, output: &Output) -> Result<(), Failure> {
    context.online().await?;
    let accounts = match address {
        Some(address) => vec![context.account(Some(&address)).await?],
        None => context.engine.accounts().await?,
    };
    if accounts.is_empty() {
        return Err(Error::new(ErrorKind::NeedsUser, "no-account").into());
    }
    let mut checks = Vec::new();
    for account in accounts {
        let check = context.engine.check_account(account.id).await?;
        checks.push(json!({"address": account.config.address, "check": check}));
        if !output.is_json() {
            let (imap, smtp) = (check.imap_seconds, check.smtp_seconds);
            say!("{}  IMAP {imap:.2} s  SMTP {smtp:.2} s", account.config.address);
            if let Some(quota) = &check.quota {
                say!("  {}", output.wording.quota(quota));
                if let Some(warning) = output.wording.quota_warning(quota) {
                    say!("  {} {}", warning.what, warning.advice);
                }
            }
        }
    }
    output.answer(&checks, || {});
    Ok(())
}

async fn connections(context: &Context, most: Option<u32>, output: &Output) -> Result<(), Failure> {
    context.offline().await?;
    if let Some(most) = most {
        context.engine.set_connections(most).await?;
    }
    let most = context.engine.connections().await?;
    output.answer(&json!({"connections": most}), || say!("{most}"));
    Ok(())
}

async fn remove(context: &Context, address: &str, output: &Output) -> Result<(), Failure> {
    context.offline().await?;
    let account = context.account(Some(address)).await?;
    context.engine.remove_account(account.id).await?;
    output.answer(&json!({"removed": account.config.address}), || say!("{}", account.config.address));
    Ok(())
}
