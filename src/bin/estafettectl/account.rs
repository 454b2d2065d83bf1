//! `estafettectl account`.

use estafette::domain::account::{AccountConfig, AuthMethod, Endpoint, HostSource, Trust};
use estafette::domain::address::EmailAddress;
use estafette::domain::secret::Secret;
use estafette::engine::{Error, ErrorKind, Means};
use serde_json::json;
use std::path::Path;
use zeroize::Zeroizing;

use crate::args::{AccountAdd, AccountCommand, Auth};
use crate::output::{Failure, Output, say};
use crate::session::{Context, read_certificate, read_secret};

pub(crate) async fn run(context: &Context, command: AccountCommand, output: &Output) -> Result<(), Failure> {
    match command {
        AccountCommand::Add(add) => self::add(context, add, output).await,
        AccountCommand::List => list(context, output).await,
        AccountCommand::Check { address } => check(context, address, output).await,
        AccountCommand::Connections { most } => connections(context, most, output).await,
        AccountCommand::Password { address, password_file } => {
            let means = Means::Password(read_secret(&password_file)?);
            set_means(context, &address, means, output).await
        }
        AccountCommand::Certificate { address, certificate, key, password_file } => {
            let means = certificate_means(&certificate, key.as_deref(), password_file.as_deref())?;
            set_means(context, &address, means, output).await
        }
        AccountCommand::Remove { address } => remove(context, &address, output).await,
    }
}

async fn add(context: &Context, add: AccountAdd, output: &Output) -> Result<(), Failure> {
    let address =
        EmailAddress::parse(&add.address).map_err(|e| Failure::Usage(format!("{}: {e}", add.address)))?;
    let means = means(&add)?;
    if matches!(add.auth.into(), AuthMethod::Card) {
        // the account belongs to the store of this card; its PIN is not needed yet
        context.card().await;
        context.engine.holder()?;
    }
    // where there is no keyring the card itself opens the store
    context.offline().await?;
    let config = configuration(context, &add, address).await?;
    let address = config.address.clone();
    if config.auth == AuthMethod::Psc {
        if config.token_servers().is_none() {
            return Err(Error::new(ErrorKind::NeedsUser, "psc-typed-host").into());
        }
        // tokens live in this process only: what can be known of the mailbox is found out now
        context.log_in_to_psc().await?;
        context.engine.try_account(config.clone(), means.clone()).await?;
    }
    let id = context.engine.add_account_with(config, means).await?;
    output.answer(&json!({"id": id, "address": address}), || say!("{id}  {address}"));
    Ok(())
}

/// What the account logs in with, by the command line.
fn means(add: &AccountAdd) -> Result<Means, Failure> {
    let usage = |words: &str| Failure::Usage(words.to_owned());
    let password = add.password_file.as_deref();
    if add.certificate.is_some() != (add.auth == Auth::Certificate) {
        return Err(usage("--auth certificate and --certificate go together"));
    }
    match (add.auth, &add.certificate) {
        (Auth::Password, _) => {
            let file = password.ok_or_else(|| usage("--auth password needs --password-file"))?;
            Ok(Means::Password(read_secret(file)?))
        }
        (_, Some(certificate)) => certificate_means(certificate, add.key.as_deref(), password),
        _ if password.is_some() => Err(usage("--password-file is for --auth password and certificate")),
        _ => Ok(Means::Nothing),
    }
}

fn certificate_means(
    certificate: &Path,
    key: Option<&Path>,
    password: Option<&Path>,
) -> Result<Means, Failure> {
    let mut file = read_certificate(certificate)?;
    if let Some(key) = key {
        let key = read_certificate(key)?;
        file = Zeroizing::new([file.as_slice(), b"\n", key.as_slice()].concat());
    }
    let password = password.map(read_secret).transpose()?;
    Ok(Means::Certificate { file, password: password.unwrap_or_else(|| Secret::new(String::new())) })
}

async fn set_means(context: &Context, address: &str, means: Means, output: &Output) -> Result<(), Failure> {
    context.offline().await?;
    let account = context.account(Some(address)).await?;
    context.engine.set_means(account.id, means).await?;
    output.answer(&json!({"changed": account.config.address}), || say!("{}", account.config.address));
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

fn absolute(path: &Path) -> Result<std::path::PathBuf, Failure> {
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
    context.online_for(address.as_deref()).await?;
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
            for (service, chain) in ["IMAP", "SMTP"].iter().zip(&check.chains) {
                say!("  {service}  {}", output.wording.chain(chain));
                for checked in &chain.checks {
                    say!("    {}", output.wording.certificate_check(checked, now()));
                }
            }
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

/// Seconds since 1970.
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}
