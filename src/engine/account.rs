//! Accounts: found, added, checked, removed; their health; synchronisation on request.

use std::sync::Arc;
use std::time::Instant;

use super::link::Link;
use super::login::{self, Means};
use super::permit::Use;
use super::session::OpenSession;
use super::sync::{connect, pass};
use super::work::blocking;
use super::{
    AccountCheck, Engine, Error, ErrorKind, Event, Kind, MailboxProposal, Result, SyncReport, clock, mail,
    outbox, sync,
};
use crate::domain::account::{Account, AccountConfig, AuthMethod, HostSource};
use crate::domain::card::Holder;
use crate::domain::id::AccountId;
use crate::domain::outbox::{OutboxEntry, OutboxState};
use crate::domain::secret::Secret;
use crate::domain::tally::Quota;
use crate::imap;
use crate::net::Operators;

impl Engine {
    /// The mailboxes the annuaire lists for the inserted card's holder, with the servers found for each.
    ///
    /// # Errors
    /// No card; the annuaire cannot be read.
    pub async fn my_mailboxes(&self) -> Result<Vec<MailboxProposal>> {
        self.mailboxes_of(self.holder()?).await
    }

    async fn mailboxes_of(&self, holder: Holder) -> Result<Vec<MailboxProposal>> {
        let (annuaire, engine) = (self.annuaire(), self.clone());
        self.on_runtime(blocking(move || {
            let Some(rpps) = holder.rpps() else { return Ok(Vec::new()) };
            let Some(person) = annuaire.by_rpps(rpps)? else { return Ok(Vec::new()) };
            let operators = engine.operators()?;
            let proposals = person.mailboxes.into_iter().map(|mailbox| MailboxProposal {
                config: operators.as_ref().and_then(|o| config(o, &holder, &mailbox.address)),
                place: [mailbox.service, mailbox.structure, mailbox.city]
                    .into_iter()
                    .filter(|s| !s.is_empty())
                    .collect::<Vec<_>>()
                    .join(", "),
                address: mailbox.address,
            });
            Ok(proposals.collect())
        }))
        .await
    }

    /// The holder of the inserted card, locked or not.
    ///
    /// # Errors
    /// Why there is none.
    pub fn holder(&self) -> Result<Holder> {
        let state = self.card();
        state.holder().cloned().ok_or_else(|| super::card::unusable(&state))
    }

    /// Servers by domain: the profile's file over the built-in table; `None` in practice mode.
    fn operators(&self) -> Result<Option<Operators>> {
        match &self.inner.kind {
            Kind::Real { profile, .. } => Ok(Some(Operators::load(&profile.operators())?)),
            Kind::Practice => Ok(None),
        }
    }

    /// First start: the holder's mailboxes whose servers are known become accounts. A session opens without them
    /// too: they can be added by hand.
    pub(super) async fn add_my_mailboxes(&self, session: &Arc<OpenSession>) {
        let Some(holder) = session.holder.clone().filter(|_| session.key().is_some()) else { return };
        let added = async {
            let owner = Arc::clone(session);
            if !blocking(move || Ok(owner.store.accounts()?)).await?.is_empty() {
                return Ok(());
            }
            let found = self.mailboxes_of(holder).await?;
            let owner = Arc::clone(session);
            blocking(move || {
                for config in found.into_iter().filter_map(|proposal| proposal.config) {
                    owner.store.add_account(&config)?;
                }
                Ok(())
            })
            .await
        };
        let added: Result<()> = added.await;
        if let Err(error) = added {
            tracing::warn!(code = error.code(), "the holder's mailboxes could not be added");
        }
    }

    /// The complete configuration for an address whose domain is known.
    ///
    /// # Errors
    /// `no-servers` when neither the profile nor the built-in table knows the domain.
    pub async fn servers_for(&self, address: &crate::domain::address::EmailAddress) -> Result<AccountConfig> {
        let (engine, address) = (self.clone(), address.clone());
        self.on_runtime(blocking(move || {
            let unknown = || Error::new(ErrorKind::NeedsUser, "no-servers").with("domain", address.domain());
            let operators = engine.operators()?.ok_or_else(unknown)?;
            let entry = operators.find(address.domain()).ok_or_else(unknown)?;
            Ok(AccountConfig {
                display_name: address.to_string(),
                auth: entry.auth,
                imap: entry.imap.clone(),
                smtp: entry.smtp.clone(),
                trust: entry.trust.clone(),
                address,
                source: HostSource::Table,
            })
        }))
        .await
    }

    /// Accounts of the session.
    ///
    /// # Errors
    /// No session.
    pub async fn accounts(&self) -> Result<Vec<Account>> {
        self.with_store(|s| s.accounts()).await
    }

    /// Adds an account; the password, when the method needs one, goes to the key source.
    ///
    /// # Errors
    /// As [`Engine::add_account_with`].
    pub async fn add_account(&self, config: AccountConfig, password: Option<Secret>) -> Result<AccountId> {
        let means = password.map_or(Means::Nothing, Means::Password);
        self.add(config, means).await
    }

    /// Adds an account with what it logs in with: a password goes to the key source, a certificate's file into the
    /// encrypted store.
    ///
    /// # Errors
    /// The address has an account already; the means do not fit the method; the certificate is of no use; a Pro Santé
    /// Connect account on servers somebody typed; no keyring.
    pub async fn add_account_with(&self, config: AccountConfig, means: Means) -> Result<AccountId> {
        let (method, asked) = (config.auth, means.clone());
        if method == AuthMethod::Psc && config.token_servers().is_none() {
            return Err(Error::new(ErrorKind::NeedsUser, "psc-typed-host"));
        }
        self.on_runtime(blocking(move || asked.check(method))).await?;
        self.add(config, means).await
    }

    /// Logs in to both servers of an account that is not added yet, and out again.
    ///
    /// # Errors
    /// Whatever stands in the way, as for a synchronisation.
    pub async fn try_account(&self, config: AccountConfig, means: Means) -> Result<AccountCheck> {
        let session = self.opened()?;
        self.on_runtime(async move {
            let owner = Arc::clone(&session);
            let link = blocking(move || {
                means.check(config.auth)?;
                Link::prepare_with(&owner, &config, Some(&means))
            })
            .await?;
            session.while_open(check(&link)).await
        })
        .await
    }

    async fn add(&self, config: AccountConfig, means: Means) -> Result<AccountId> {
        let session = self.opened()?;
        let owner = Arc::clone(&session);
        let account = self
            .on_runtime(blocking(move || {
                // the store first: a refused addition must not replace the password of the account that is there
                let id = owner.store.add_account(&config)?;
                if let Err(error) = login::keep(&owner, &config.address, &means) {
                    owner.store.remove_account(id)?;
                    return Err(error);
                }
                owner.tell(Event::FoldersChanged(id));
                Ok(Account { id, config })
            }))
            .await?;
        let id = account.id;
        if self.has_loops() {
            sync::start(&self.inner.handle, &session, account);
        }
        Ok(id)
    }

    /// Removes the account, its mail and its password from this machine; nothing on the server.
    ///
    /// # Errors
    /// No such account.
    pub async fn remove_account(&self, account: AccountId) -> Result<()> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            let found = find(&session, account)?;
            // refused while messages are on their way: its loop must go on then
            session.store.remove_account(account)?;
            session.drop_line(account);
            session.tell(Event::FoldersChanged(account));
            login::forget(&session, &found)
        }))
        .await
    }

    /// Logs in to both servers and out again.
    ///
    /// # Errors
    /// Whatever stands in the way, as for a synchronisation.
    pub async fn check_account(&self, account: AccountId) -> Result<AccountCheck> {
        let session = self.opened()?;
        self.on_runtime(async move {
            let owner = Arc::clone(&session);
            let link = blocking(move || Link::prepare(&owner, &find(&owner, account)?.config)).await?;
            let work = async {
                let _permit = session.line(account).permits.take(Use::Once).await?;
                check(&link).await
            };
            let found = session.while_open(work).await?;
            let (quota, limit) = (found.quota, found.size_limit);
            blocking(move || {
                session.store.set_quota(account, quota)?;
                outbox::remember_size_limit(&session.store, account, limit)
            })
            .await?;
            Ok(found)
        })
        .await
    }

    /// Synchronises now and answers when done: all accounts, or one.
    ///
    /// # Errors
    /// The first account that failed.
    pub async fn sync(&self, account: Option<AccountId>) -> Result<SyncReport> {
        let session = self.opened()?;
        let start = Instant::now();
        let owner = Arc::clone(&session);
        let accounts = self.on_runtime(blocking(move || Ok(owner.store.accounts()?))).await?;
        let practice = self.is_practice();
        let (mut total, mut failed) = (SyncReport::default(), None);
        for found in accounts.into_iter().filter(|a| account.is_none_or(|id| id == a.id)) {
            let one = Arc::clone(&session);
            let work = async move { one.while_open(sync_one(&one, found, practice)).await };
            let report = match self.on_runtime(work).await {
                Ok(report) => report,
                // one account must not hold up the others
                Err(error) => {
                    failed.get_or_insert(error);
                    continue;
                }
            };
            total.folders += report.folders;
            total.new += report.new;
            total.changed += report.changed;
            total.removed += report.removed;
            total.bytes += report.bytes;
        }
        total.seconds = start.elapsed().as_secs_f64();
        failed.map_or(Ok(total), Err)
    }

    /// Sends everything due now and files the copies, for callers without background loops.
    ///
    /// # Errors
    /// The store cannot be read; a refused message is no error here: the outbox tells.
    pub async fn flush(&self) -> Result<()> {
        let session = self.opened()?;
        self.on_runtime(async move {
            let work = async {
                let sent = outbox::flush(&session).await;
                let filed = file_all(&session).await;
                sent.and(filed)
            };
            session.while_open(work).await
        })
        .await
    }
}

/// Files the sent messages of every account; one that cannot be reached does not hold up the others.
async fn file_all(session: &Arc<OpenSession>) -> Result<()> {
    let owner = Arc::clone(session);
    let (entries, accounts) = blocking(move || Ok((owner.store.outbox()?, owner.store.accounts()?))).await?;
    let mut filed = Ok(());
    for account in accounts {
        let is_open = |e: &OutboxEntry| {
            e.account == account.id && matches!(e.state, OutboxState::SentUnfiled | OutboxState::Sending)
        };
        if entries.iter().any(is_open) {
            filed = filed.and(file(session, &account).await);
        }
    }
    filed
}

async fn file(session: &Arc<OpenSession>, account: &Account) -> Result<()> {
    let filed = async {
        let mut imap = connect(session, account).await?;
        outbox::file_sent(session, &mut imap, account.id).await?;
        imap.logout().await;
        Ok(())
    };
    let filed: Result<()> = filed.await;
    if filed.is_err() {
        outbox::ask_user_for_all(session, account.id).await?;
    }
    filed
}

async fn check(link: &Link) -> Result<AccountCheck> {
    let start = Instant::now();
    let mut imap = link.imap().await?;
    let imap_seconds = start.elapsed().as_secs_f64();
    let capabilities = imap.capabilities().iter().map(str::to_owned).collect();
    let quota = match imap.quota().await {
        Ok(quota) => quota.map(|q| Quota { used: q.used, allowed: q.limit, at: clock::now() }),
        Err(imap::Error::Refused { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    imap.logout().await;
    let start = Instant::now();
    let offer = link.check_smtp().await?;
    let smtp_seconds = start.elapsed().as_secs_f64();
    Ok(AccountCheck { imap_seconds, smtp_seconds, capabilities, size_limit: offer.size_limit, quota })
}

/// By the running loop, else over a connection of its own.
async fn sync_one(session: &Arc<OpenSession>, account: Account, practice: bool) -> Result<SyncReport> {
    if practice {
        return Ok(SyncReport::default());
    }
    let line = session.line(account.id);
    if let Some(answer) = line.want_pass() {
        // the loop may end while it is waited for: the card leaves, the account is removed
        return tokio::select! {
            done = answer => done.unwrap_or_else(|_| Err(super::no_session())),
            () = line.cancel.cancelled() => Err(super::no_session()),
        };
    }
    let mut imap = connect(session, &account).await?;
    let report = pass(session, &mut imap, account.id).await?;
    session.succeeded(account.id, clock::now());
    imap.logout().await;
    Ok(report)
}

pub(super) fn find(session: &OpenSession, account: AccountId) -> Result<Account> {
    session.store.accounts()?.into_iter().find(|a| a.id == account).ok_or_else(mail::not_found)
}

fn config(
    operators: &Operators,
    holder: &Holder,
    address: &crate::domain::address::EmailAddress,
) -> Option<AccountConfig> {
    let entry = operators.find(address.domain())?;
    Some(AccountConfig {
        address: address.clone(),
        display_name: holder.display_name(),
        auth: entry.auth,
        imap: entry.imap.clone(),
        smtp: entry.smtp.clone(),
        trust: entry.trust.clone(),
        source: HostSource::Table,
    })
}
