//! The annuaire as the rest of the program sees it: search, import, and the daily refresh.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::familiar::Circle;
use super::report::{ImportPhase, ImportProgress};
use super::work::blocking;
use super::{
    AnnuaireStatus, Engine, Error, ErrorKind, Event, Inner, Kind, People, PeopleQuery, Result, clock,
};
use crate::annuaire::familiar::name_answers;
use crate::annuaire::fhir::{ApiDetail, Fhir};
use crate::annuaire::is_url;
use crate::annuaire::{Annuaire, IgcRoots, Permission, Phase, Progress, Status};
use crate::domain::directory::Gone;
use crate::domain::person::Person;
use crate::domain::secret::Secret;
use crate::vault::Vault;

/// How often the loop looks whether a refresh is due.
const LOOK_EVERY: Duration = Duration::from_secs(30 * 60);
/// Until it looks for the first time, so that the start of the program is left alone.
const FIRST_LOOK: Duration = Duration::from_secs(40);
/// Results of a search when no number was asked for, and most ever.
const LIMITS: (u32, u32) = (50, 500);

/// Name of the API's key in the vault.
const API_KEY: &str = "annuaire-sante-api";

/// The import under way, if any.
#[derive(Default)]
pub(super) struct Importing {
    progress: Mutex<Option<ImportProgress>>,
    cancelled: AtomicBool,
}

impl Importing {
    /// False when an import is under way.
    fn begin(&self) -> bool {
        let mut now = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let is_free = now.is_none();
        now.get_or_insert_default();
        is_free
    }

    fn set(&self, progress: Option<ImportProgress>) -> bool {
        let mut now = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *now, progress) != progress
    }
}

impl Engine {
    /// People and services of the annuaire: words in any order, each a prefix, accents ignored. Those the user wrote to
    /// come first, the latest before, then favourites, then people of the same department, then exacter matches. Without
    /// a session only the last counts.
    ///
    /// # Errors
    /// The annuaire cannot be read.
    pub async fn people(&self, mut query: PeopleQuery) -> Result<People> {
        let (annuaire, session, start) = (self.annuaire(), self.opened().ok(), Instant::now());
        self.on_runtime(blocking(move || {
            let circle = match &session {
                Some(session) => session.circle(&annuaire)?,
                None => Arc::new(Circle::default()),
            };
            let named = circle.groups().iter().filter(|g| name_answers(&g.name, &query.text));
            let groups = named.cloned().collect();
            query.near = query.near.or_else(|| circle.area.clone());
            query.limit = if query.limit == 0 { LIMITS.0 } else { query.limit.min(LIMITS.1) };
            let answer = annuaire.search(&query)?;
            let limit = query.limit as usize;
            let is_asked = !query.text.trim().is_empty();
            let mut people: Vec<Person> = Vec::new();
            if is_asked {
                people.extend(circle.answering(&query).map(|contact| contact.person.clone()));
            }
            let known = people.len();
            let new = |p: &Person| !people.iter().take(known).any(|k| k.key == p.key);
            let (found, near): (Vec<Person>, Vec<Person>) = (
                answer.people.into_iter().filter(new).collect(),
                answer.near.into_iter().filter(new).collect(),
            );
            people.extend(found);
            let more = answer.more || people.len() > limit;
            people.truncate(limit);
            let marked = people.iter().chain(&near);
            let marks = marked.filter_map(|p| Some((p.key.clone(), circle.mark(&p.key)?))).collect();
            Ok(People { people, near, more, groups, marks, seconds: start.elapsed().as_secs_f64() })
        }))
        .await
    }

    /// Who an address belongs to, by the annuaire.
    ///
    /// # Errors
    /// The annuaire cannot be read.
    pub async fn person_by_address(&self, address: &str) -> Result<Option<Person>> {
        let (annuaire, address) = (self.annuaire(), address.to_owned());
        self.on_runtime(blocking(move || Ok(annuaire.by_address(&address)?))).await
    }

    /// Since when an address is no longer in the annuaire.
    ///
    /// # Errors
    /// The annuaire cannot be read.
    pub async fn gone_since(&self, address: &str) -> Result<Option<Gone>> {
        let (annuaire, address) = (self.annuaire(), address.to_owned());
        self.on_runtime(blocking(move || Ok(annuaire.gone_since(&address)?))).await
    }

    /// Addresses that came, and that went, with the last refresh that found a difference: at most `limit` of each.
    ///
    /// # Errors
    /// The annuaire cannot be read.
    pub async fn annuaire_changes(&self, limit: u32) -> Result<(Vec<String>, Vec<String>)> {
        let annuaire = self.annuaire();
        self.on_runtime(blocking(move || Ok(annuaire.last_changes(limit)?))).await
    }

    /// Whether a domain is in the trust space; `None` while no white list is loaded.
    ///
    /// # Errors
    /// The annuaire cannot be read.
    pub async fn is_in_trust_space(&self, domain: &str) -> Result<Option<bool>> {
        let (annuaire, domain) = (self.annuaire(), domain.to_owned());
        self.on_runtime(blocking(move || Ok(annuaire.white_list_contains(&domain)?))).await
    }

    /// Imports the white list of the trust space from a file path or a URL, which is asked again every day; answers how
    /// many domains it holds.
    ///
    /// # Errors
    /// The source cannot be read or is no white list: the one kept before stays.
    pub async fn import_white_list(&self, source: &str) -> Result<usize> {
        let (engine, source) = (self.clone(), source.to_owned());
        self.on_runtime(blocking(move || Ok(engine.annuaire_online()?.import_white_list(&source)?))).await
    }

    /// What is loaded and of which date.
    ///
    /// # Errors
    /// The annuaire cannot be read.
    pub async fn annuaire_status(&self) -> Result<AnnuaireStatus> {
        let annuaire = self.annuaire();
        self.on_runtime(blocking(move || Ok(annuaire.status()?))).await
    }

    /// Imports the national extraction from a file path or an `https:`/`http:` URL, which is then asked every day; the
    /// old data stay until the new ones are complete.
    ///
    /// # Errors
    /// The source cannot be read or is no extraction; `annuaire-smaller` when it has far fewer mailboxes than the data
    /// before. The old data stay.
    pub async fn import_annuaire(&self, source: &str) -> Result<AnnuaireStatus> {
        self.import_permitted(source, Permission::default()).await
    }

    /// As [`Engine::import_annuaire`], of a file the user takes although it has far fewer mailboxes.
    ///
    /// # Errors
    /// The source cannot be read or is no extraction.
    pub async fn import_smaller_annuaire(&self, source: &str) -> Result<AnnuaireStatus> {
        self.import_permitted(source, Permission { smaller: true }).await
    }

    async fn import_permitted(&self, source: &str, permission: Permission) -> Result<AnnuaireStatus> {
        let (source, is_download) = (source.to_owned(), is_url(source));
        let importing = self.importing(move |annuaire, progress| {
            annuaire.import_from(&source, permission, progress).map_err(Error::from)
        });
        let status = importing.await?;
        if !is_download {
            return Ok(status);
        }
        let engine = self.clone();
        let fetching = blocking(move || Ok(engine.annuaire_online()?.refresh_white_list(clock::now())?));
        if let Err(error) = self.on_runtime(fetching).await {
            tracing::warn!(code = error.code(), "the white list could not be fetched");
        }
        let now = self.annuaire_status().await?;
        if now.white_list != status.white_list {
            self.tell(Event::AnnuaireChanged);
        }
        Ok(now)
    }

    /// Imports places of practice, towns and telephones (`PS_LibreAcces_Personne_activite`) from a file path or a URL.
    ///
    /// # Errors
    /// `annuaire-empty` before any extraction; the source cannot be read. The places known before stay.
    pub async fn import_activities(&self, source: &str) -> Result<AnnuaireStatus> {
        let source = source.to_owned();
        self.importing(move |annuaire, progress| {
            annuaire.import_activities(&source, progress).map_err(Error::from)
        })
        .await
    }

    /// Keeps the key of the Annuaire Santé API, and where it is; an empty key is forgotten and the API is off.
    ///
    /// # Errors
    /// The vault cannot be used; an address that is not allowed.
    pub async fn set_api_key(&self, key: Secret, base: Option<String>) -> Result<()> {
        let (annuaire, vault) = (self.annuaire(), self.vault()?);
        self.on_runtime(blocking(move || {
            if let Some(base) = base {
                annuaire.set_api_base(&base)?;
            }
            match key.expose().is_empty() {
                true => vault.remove_password(API_KEY)?,
                false => vault.set_password(API_KEY, &key)?,
            }
            Ok(())
        }))
        .await
    }

    /// A key of the API is kept: [`Engine::ask_api`] can be asked.
    ///
    /// # Errors
    /// The vault cannot be read.
    pub async fn has_api_key(&self) -> Result<bool> {
        let Ok(vault) = self.vault() else { return Ok(false) };
        self.on_runtime(blocking(move || Ok(vault.password(API_KEY)?.is_some()))).await
    }

    /// What the Annuaire Santé API says of a person at this moment; `None` when it knows nobody by the number.
    ///
    /// # Errors
    /// `annuaire-api-off` without a key or for somebody without an RPPS number; the API refuses or does not answer.
    pub async fn ask_api(&self, person: &Person) -> Result<Option<ApiDetail>> {
        let off = || Error::new(ErrorKind::NeedsUser, "annuaire-api-off");
        let rpps = person.rpps().ok_or_else(off)?.to_owned();
        let (annuaire, vault, reach) = (self.annuaire(), self.vault()?, self.reach());
        self.on_runtime(blocking(move || {
            let key = vault.password(API_KEY)?.ok_or_else(off)?;
            let proxy = reach.map(|reach| reach.proxy()).transpose()?.flatten();
            Ok(Fhir::new(&annuaire.api_base()?, key, proxy)?.person(&rpps)?)
        }))
        .await
    }

    /// The annuaire as it reaches the network; blocking.
    fn annuaire_online(&self) -> Result<Annuaire> {
        let Some(reach) = self.reach() else { return Ok(self.annuaire()) };
        let (proxy, runtime) = (reach.proxy()?, tokio::runtime::Handle::current());
        // asked for on the thread of a download
        let igc: IgcRoots = Arc::new(move || {
            let _inside = runtime.enter();
            reach.roots()
        });
        Ok(self.annuaire().by(proxy, Some(igc)))
    }

    fn vault(&self) -> Result<Arc<Vault>> {
        match &self.inner.kind {
            Kind::Real { vault, .. } => Ok(Arc::clone(vault)),
            Kind::Practice => Err(Error::new(ErrorKind::NeedsUser, "annuaire-api-off")),
        }
    }

    /// How far the import under way is; `None` when there is none.
    pub fn annuaire_import(&self) -> Option<ImportProgress> {
        *self.inner.importing.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the import under way; the old data stay.
    pub fn cancel_annuaire_import(&self) {
        self.inner.importing.cancelled.store(true, Ordering::Relaxed);
    }

    /// Asks the places the data and the white list came from whether there is something newer, when the last answer is
    /// a day old; answers whether the data changed. This is what the loop does.
    ///
    /// # Errors
    /// As [`Engine::import_annuaire`].
    pub async fn refresh_annuaire(&self) -> Result<bool> {
        let engine = self.clone();
        let now = clock::now();
        let due = blocking({
            move || {
                let annuaire = engine.annuaire_online()?;
                if let Err(error) = annuaire.refresh_white_list(now) {
                    tracing::warn!(%error, "the white list could not be refreshed");
                }
                Ok(annuaire.refresh_due(now)?)
            }
        });
        let Some(source) = self.on_runtime(due).await? else { return Ok(false) };
        let before = self.annuaire_status().await?.imported_at;
        Ok(self.import_annuaire(&source).await?.imported_at != before)
    }

    async fn importing(
        &self,
        work: impl FnOnce(&Annuaire, &mut dyn FnMut(Progress) -> bool) -> Result<Status> + Send + 'static,
    ) -> Result<AnnuaireStatus> {
        let engine = self.clone();
        self.on_runtime(blocking(move || {
            let importing = &engine.inner.importing;
            if !importing.begin() {
                return Err(Error::new(ErrorKind::NeedsUser, "annuaire-busy"));
            }
            importing.cancelled.store(false, Ordering::Relaxed);
            engine.tell(Event::AnnuaireProgress);
            let annuaire = engine.annuaire_online();
            let done = annuaire.and_then(|annuaire| {
                work(&annuaire, &mut |progress| {
                    if importing.set(Some(told(progress))) {
                        engine.tell(Event::AnnuaireProgress);
                    }
                    !importing.cancelled.load(Ordering::Relaxed)
                })
            });
            importing.set(None);
            if let Ok(open) = engine.opened() {
                open.forget_circle();
            }
            engine.tell(if done.is_ok() { Event::AnnuaireChanged } else { Event::AnnuaireProgress });
            done
        }))
        .await
    }

    pub(super) fn tell(&self, event: Event) {
        let _ = self.inner.events.send(event);
    }
}

/// Progress in whole percents, so that few events tell it.
fn told(progress: Progress) -> ImportProgress {
    let phase = match progress.phase {
        Phase::Receiving => ImportPhase::Receiving,
        Phase::Reading => ImportPhase::Reading,
        Phase::Indexing => ImportPhase::Indexing,
    };
    let percent = progress.total.filter(|total| *total > 0).map(|total| progress.done * 100 / total);
    ImportProgress { phase, percent: percent.map(|p| u8::try_from(p.min(100)).unwrap_or(100)) }
}

/// Refreshes the annuaire every day until the engine is gone.
pub(super) async fn refresh_daily(inner: Weak<Inner>) {
    tokio::time::sleep(FIRST_LOOK).await;
    loop {
        let Some(inner) = inner.upgrade() else { return };
        let engine = Engine { inner };
        if let Err(error) = engine.refresh_annuaire().await {
            tracing::warn!(code = error.code(), "the annuaire could not be refreshed");
        }
        drop(engine);
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
