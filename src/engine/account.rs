//! Accounts: found, added, checked, removed; their health; synchronisation on request.

use std::sync::Arc;
use std::time::Instant;

use super::link::Link;
use super::login::{self, Means};
use super::permit::Use;
use super::session::OpenSession;
use super::sync::{connect, pass};
use super::watchdog::Pulse;
use super::work::blocking;
use super::{
    AccountCheck, Engine, Error, ErrorKind, Event, Kind, MailboxProposal, Result, SyncReport, clock, mail,
    outbox, sync,
};
use crate::domain::account::{Account, AccountConfig, AuthMethod, HostSource, Trust};
use crate::domain::address::EmailAddress;
use crate::domain::card::Holder;
use crate::domain::id::AccountId;
use crate::domain::outbox::{OutboxEntry, OutboxState};
use crate::domain::secret::Secret;
use crate::domain::tally::Quota;
use crate::imap;
use crate::net::{self, Entry, Operators};

/// Most domains asked for their servers at a first start.
const MOST_DOMAINS: usize = 4;

impl Engine {
    /// The mailboxes the annuaire lists for the inserted card's holder, with the servers found for each.
    ///
    /// # Errors
    /// No card; the annuaire cannot be read.
    pub async fn my_mailboxes(&self) -> Result<Vec<MailboxProposal>> {
        self.mailboxes_of(self.holder()?).await
    }

    async fn mailboxes_of(&self, holder: Holder) -> Result<Vec<MailboxProposal>> {
        let (annuaire, engine, name) = (self.annuaire(), self.clone(), holder.display_name());
        self.on_runtime(async move {
            let person = blocking(move || match holder.rpps() {
                Some(rpps) => Ok(annuaire.by_rpps(rpps)?),
                None => Ok(None),
            })
            .await?;
            let mailboxes = person.map(|person| person.mailboxes).unwrap_or_default();
            let mut servers: Vec<(String, Option<(Entry, HostSource)>)> = Vec::new();
            let mut proposals = Vec::new();
            for mailbox in mailboxes {
                let domain = mailbox.address.domain().to_owned();
                let known = servers.iter().find(|(of, _)| *of == domain).map(|(_, found)| found.clone());
                let found = match known {
                    Some(found) => found,
                    // a person has few mailboxes; more domains than these are added by hand
                    None if servers.len() >= MOST_DOMAINS => None,
                    None => {
                        let found = engine.servers_of(&domain).await.ok();
                        servers.push((domain, found.clone()));
                        found
                    }
                };
                proposals.push(MailboxProposal {
                    config: found.map(|found| configured(found, name.clone(), &mailbox.address)),
                    place: [mailbox.service, mailbox.structure, mailbox.city]
                        .into_iter()
                        .filter(|s| !s.is_empty())
                        .collect::<Vec<_>>()
                        .join(", "),
                    address: mailbox.address,
                });
            }
            Ok(proposals)
        })
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

    /// The complete configuration for an address: from the table, else from what its domain publishes.
    ///
    /// # Errors
    /// `no-servers` when neither says anything; `host-refused` when the domain names a server that must not be one.
    pub async fn servers_for(&self, address: &EmailAddress) -> Result<AccountConfig> {
        let (engine, address) = (self.clone(), address.clone());
        self.on_runtime(async move {
            let found = engine.servers_of(address.domain()).await?;
            Ok(configured(found, address.to_string(), &address))
        })
        .await
    }

    /// The servers of a domain, and who named them.
    async fn servers_of(&self, domain: &str) -> Result<(Entry, HostSource)> {
        let unknown = || Error::new(ErrorKind::NeedsUser, "no-servers").with("domain", domain);
        let Kind::Real { reach, .. } = &self.inner.kind else { return Err(unknown()) };
        let (engine, reach, name) = (self.clone(), Arc::clone(reach), domain.to_owned());
        let (entry, discovery) = blocking(move || {
            let entry = engine.operators()?.and_then(|table| table.find(&name).cloned());
            let discovery = if entry.is_none() { Some(reach.discovery()?) } else { None };
            Ok((entry, discovery))
        })
        .await?;
        if let Some(entry) = entry {
            return Ok((entry, HostSource::Table));
        }
        let discovery = discovery.ok_or_else(unknown)?;
        let found = match discovery.servers(domain).await {
            Ok(found) => found,
            Err(error @ net::Error::HostRefused(_)) => return Err(Error::from(error).with("domain", domain)),
            Err(error) => return Err(unknown().caused_by(error)),
        };
        // whoever found them, they are believed through the IGC Santé alone (ECO.1.1.10)
        let auth = found.auth.unwrap_or(AuthMethod::Psc);
        let entry = Entry { imap: found.imap, smtp: found.smtp, auth, trust: Trust::IgcSante };
        Ok((entry, HostSource::Discovered))
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
        if !self.has_loops() {
            let owner = Arc::clone(&session);
            self.on_runtime(async move { super::filing::pass(&owner, &Pulse::default()).await }).await?;
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
    let imap_chain = link.chain();
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
    let chains = [imap_chain, link.chain()].map(Option::unwrap_or_default);
    Ok(AccountCheck { imap_seconds, smtp_seconds, capabilities, size_limit: offer.size_limit, quota, chains })
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

fn configured(
    (entry, source): (Entry, HostSource),
    display_name: String,
    address: &EmailAddress,
) -> AccountConfig {
    AccountConfig {
        address: address.clone(),
        display_name,
        auth: entry.auth,
        imap: entry.imap,
        smtp: entry.smtp,
        trust: entry.trust,
        source,
    }
}
