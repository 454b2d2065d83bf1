//! A message that carries documents as MSSanté has them sent: an archive, and each document as a PDF beside it.

use super::{media_type, pack};
use crate::domain::document::Author;
use crate::domain::draft::{Draft, DraftAttachment};
use crate::domain::patient::Patient;
use crate::domain::person::Person;
use crate::engine::work::blocking;
use crate::engine::{Engine, Error, ErrorKind, Result};
use crate::health::document::{DocumentType, TYPES};

/// Name of the archive (digest of the formats, §1.1).
const ARCHIVE: &str = "IHE_XDM.zip";
/// Namespace of people's identifiers, PSIdNat: `8` is an RPPS.
const OF_RPPS: char = '8';

/// Packs the PDFs of a draft about a patient: `IHE_XDM.zip` first, then the PDFs under the names the rules give them
/// (ECO.2.1.1, ECO.2.1.6). The subject becomes the one of ECO.2.1.3, whatever it was. Recipients and text stay.
///
/// # Errors
/// As [`pack`]; `xdm-pdf-only` when anything but PDFs is attached, or nothing.
pub fn xdm_draft(
    mut draft: Draft,
    patient: &Patient,
    author: Option<&Author>,
    kind: Option<&str>,
) -> Result<Draft> {
    let is_pdf = |file: &DraftAttachment| media_type(&file.name) == "application/pdf";
    if draft.attachments.is_empty() || !draft.attachments.iter().all(is_pdf) {
        return Err(Error::new(ErrorKind::Corrupt, "xdm-pdf-only"));
    }
    let contents: Vec<Vec<u8>> = draft.attachments.iter().map(|file| file.content.clone()).collect();
    let packed = pack(patient, author, kind, contents)?;
    for (file, name) in draft.attachments.iter_mut().zip(packed.names) {
        file.name = name;
        "application/pdf".clone_into(&mut file.media_type);
    }
    let archive = DraftAttachment {
        name: ARCHIVE.to_owned(),
        media_type: "application/zip".to_owned(),
        content: packed.zip,
    };
    draft.attachments.insert(0, archive);
    draft.subject = packed.subject;
    Ok(draft)
}

/// Types a document may be given, the first where nothing is said.
pub const DOCUMENT_TYPES: &[DocumentType] = &TYPES;

impl Engine {
    /// As [`xdm_draft`], by the author of this session.
    ///
    /// # Errors
    /// As [`xdm_draft`].
    pub async fn xdm_draft_of(
        &self,
        draft: Draft,
        patient: Patient,
        kind: Option<&'static str>,
    ) -> Result<Draft> {
        let account = self.accounts().await?.into_iter().find(|account| account.id == draft.account);
        let author = match account {
            Some(account) => self.document_author(account.config.address.as_str()).await?,
            None => None,
        };
        self.on_runtime(blocking(move || xdm_draft(draft, &patient, author.as_ref(), kind))).await
    }

    /// Who writes the documents of this session: the holder of the card, else the person the directory knows by the
    /// address. `None` for a mailbox of nobody it knows.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub async fn document_author(&self, address: &str) -> Result<Option<Author>> {
        let known = self.person_by_address(address).await?;
        let holder = self.session().and_then(|session| session.holder);
        Ok(match holder {
            Some(holder) if !holder.family_name.is_empty() => {
                let organisation =
                    known.as_ref().map(|person| structure(person, address)).unwrap_or_default();
                Some(Author {
                    name: format!("{} {}", holder.given_name, holder.family_name).trim().to_owned(),
                    id: holder.national_id,
                    profession: None,
                    organisation: holder.structure.unwrap_or(organisation),
                    organisation_id: String::new(),
                    address: String::new(),
                })
            }
            _ => known.filter(|person| person.key.starts_with(OF_RPPS)).map(|person| Author {
                organisation: structure(&person, address),
                name: format!("{} {}", person.given_name, person.family_name).trim().to_owned(),
                id: person.key,
                ..Author::default()
            }),
        })
    }
}

fn structure(person: &Person, address: &str) -> String {
    person.mailbox(address).map(|mailbox| mailbox.structure.clone()).unwrap_or_default()
}
