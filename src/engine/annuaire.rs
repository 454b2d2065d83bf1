//! The annuaire as the rest of the program sees it.

use std::time::Instant;

use super::work::blocking;
use super::{AnnuaireStatus, Engine, Event, People, PeopleQuery, Result};
use crate::annuaire::Permission;
use crate::domain::person::Person;

impl Engine {
    /// People and services of the annuaire: words in any order, each a prefix, accents ignored.
    ///
    /// # Errors
    /// The annuaire cannot be read.
    pub async fn people(&self, query: PeopleQuery) -> Result<People> {
        let (annuaire, start) = (self.annuaire(), Instant::now());
        self.on_runtime(blocking(move || {
            let answer = annuaire.search(&query)?;
            Ok(People {
                people: answer.people,
                near: answer.near,
                more: answer.more,
                seconds: start.elapsed().as_secs_f64(),
            })
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

    /// Whether a domain is in the trust space; `None` while no white list is loaded.
    ///
    /// # Errors
    /// The annuaire cannot be read.
    pub async fn is_in_trust_space(&self, domain: &str) -> Result<Option<bool>> {
        let (annuaire, domain) = (self.annuaire(), domain.to_owned());
        self.on_runtime(blocking(move || Ok(annuaire.white_list_contains(&domain)?))).await
    }

    /// Imports the white list of the trust space from a file path or a URL; answers how many domains it holds.
    ///
    /// # Errors
    /// The source cannot be read or is no white list: the one kept before stays.
    pub async fn import_white_list(&self, source: &str) -> Result<usize> {
        let (annuaire, source) = (self.annuaire(), source.to_owned());
        self.on_runtime(blocking(move || Ok(annuaire.import_white_list(&source)?))).await
    }

    /// What is loaded and of which date.
    ///
    /// # Errors
    /// The annuaire cannot be read.
    pub async fn annuaire_status(&self) -> Result<AnnuaireStatus> {
        let annuaire = self.annuaire();
        self.on_runtime(blocking(move || Ok(annuaire.status()?))).await
    }

    /// Imports the national extraction from a file path or an `https:`/`http:` URL; the old data stay until the new
    /// ones are complete.
    ///
    /// # Errors
    /// The source cannot be read or is no extraction: the old data stay.
    pub async fn import_annuaire(&self, source: &str) -> Result<AnnuaireStatus> {
        let (annuaire, source, events) = (self.annuaire(), source.to_owned(), self.inner.events.clone());
        self.on_runtime(blocking(move || {
            let mut progress = |_| true;
            let status = annuaire.import_from(&source, Permission::default(), &mut progress)?;
            let _ = events.send(Event::AnnuaireChanged);
            Ok(status)
        }))
        .await
    }
}
