//! The LDAP directory the user may set beside the annuaire: off until then, and asked only when the user asks.

use super::work::blocking;
use super::{Engine, Error, ErrorKind, Event, Kind, PeopleQuery, Result};
use crate::annuaire::familiar::same_words;
use crate::annuaire::{Annuaire, ldap};
use crate::domain::account::Trust;
use crate::domain::ldap::{LdapPeople, LdapSettings};
use crate::domain::person::Person;
use crate::domain::secret::Secret;
use crate::net::{Way, client_config};

/// Name of the password in the vault; no mailbox has such an address.
const PASSWORD: &str = "annuaire-ldap";

fn off() -> Error {
    Error::new(ErrorKind::NeedsUser, "ldap-off")
}

impl Engine {
    /// The LDAP directory that is set; `None` where there is none.
    ///
    /// # Errors
    /// The annuaire cannot be read.
    pub async fn ldap(&self) -> Result<Option<LdapSettings>> {
        let annuaire = self.annuaire();
        self.on_runtime(blocking(move || Ok(annuaire.ldap()?))).await
    }

    /// Sets one, or none. A password is of the server and the user it was given for: without `password` the one there is
    /// stays, unless one of them is another now.
    ///
    /// # Errors
    /// `ldap-settings` for a base or user that cannot be sent; `ldap-password-missing` for a user without a password;
    /// `anchors-missing` for a file of authorities that cannot be read; the vault cannot be used.
    pub async fn set_ldap(&self, settings: Option<LdapSettings>, password: Option<Secret>) -> Result<()> {
        let Kind::Real { vault, .. } = &self.inner.kind else { return Err(off()) };
        let (annuaire, vault) = (self.annuaire(), std::sync::Arc::clone(vault));
        let setting = blocking(move || {
            let Some(settings) = settings else {
                annuaire.set_ldap(None)?;
                return Ok(vault.remove_password(PASSWORD)?);
            };
            if !settings.is_plausible() {
                return Err(Error::new(ErrorKind::NeedsUser, "ldap-settings"));
            }
            if let Some(file) = &settings.authority {
                crate::net::load_anchors(file)?;
            }
            let before = annuaire.ldap()?;
            let is_other =
                before.is_none_or(|b| (b.server, b.user) != (settings.server.clone(), settings.user.clone()));
            let password = password.filter(|password| !password.is_empty());
            if settings.user.is_none() || (is_other && password.is_none()) {
                vault.remove_password(PASSWORD)?;
            }
            if settings.user.is_some() {
                match password {
                    Some(password) => vault.set_password(PASSWORD, &password)?,
                    None if is_other || vault.password(PASSWORD)?.is_none() => {
                        return Err(Error::new(ErrorKind::NeedsUser, "ldap-password-missing"));
                    }
                    None => {}
                }
            }
            Ok(annuaire.set_ldap(Some(&settings))?)
        });
        self.on_runtime(setting).await?;
        self.tell(Event::AnnuaireChanged);
        Ok(())
    }

    /// What the LDAP directory has for a query, marked with what the annuaire confirms. Nothing else waits for it.
    ///
    /// # Errors
    /// `ldap-off` where none is set; the server does not answer, cannot be believed, or refuses.
    pub async fn ldap_people(&self, query: PeopleQuery) -> Result<LdapPeople> {
        let Kind::Real { vault, .. } = &self.inner.kind else { return Err(off()) };
        let (annuaire, vault) = (self.annuaire(), std::sync::Arc::clone(vault));
        let reach = self.reach().ok_or_else(off)?;
        self.on_runtime(async move {
            let known = annuaire.clone();
            let (settings, password, way) = blocking(move || {
                let settings = known.ldap()?.ok_or_else(off)?;
                let password =
                    settings.user.is_some().then(|| vault.password(PASSWORD)).transpose()?.flatten();
                let proxy = reach.proxy()?;
                let way = match &settings.authority {
                    Some(file) => {
                        let trust = Trust::Authority { ca: file.clone(), crl: None };
                        Way::new(client_config(&reach.tls(&trust)?)?, proxy)
                    }
                    None => Way::public(&reach.known_anchors()?, proxy)?,
                };
                Ok((settings, password, way))
            })
            .await?;
            let found = ldap::ask(&settings, password.as_ref(), &way, &query).await;
            let mut found = found.map_err(|error| refused(error, settings.server.host()))?;
            blocking(move || {
                found.confirmed = confirmed(&annuaire, &found)?;
                Ok(found)
            })
            .await
        })
        .await
    }
}

/// The addresses the annuaire gives to the same person.
fn confirmed(annuaire: &Annuaire, found: &LdapPeople) -> Result<Vec<String>> {
    let mut confirmed = Vec::new();
    for person in &found.people {
        for mailbox in &person.mailboxes {
            let listed = annuaire.by_address(mailbox.address.as_str())?;
            if listed.is_some_and(|listed| is_same(&listed, person)) {
                confirmed.push(mailbox.address.to_string());
            }
        }
    }
    Ok(confirmed)
}

/// Whether two entries with one address are of one person, or of one service. A directory without national numbers
/// vouches by the name.
fn is_same(listed: &Person, found: &Person) -> bool {
    let is_numbered = !found.key.contains('@');
    let services = listed.is_organisation() && found.is_organisation();
    listed.key == found.key
        || services
        || (!is_numbered
            && same_words(&listed.family_name, &found.family_name)
            && same_words(&listed.given_name, &found.given_name))
}

/// The refusal of a directory, with its name.
fn refused(error: crate::annuaire::Error, host: &str) -> Error {
    Error::from(error).with("host", host)
}
