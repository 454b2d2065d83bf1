//! Puts PDFs of one patient into an `IHE_XDM` archive, each as a CDA of level 1.

use crate::domain::document as facts;
use crate::domain::patient::{Patient, Sex};
use crate::engine::{Error, ErrorKind, Result, clock};
use crate::health::document::{Author, Body, Document, Setting, TYPES};
use crate::health::{identity, ins, sniff, xdm};

/// Name the program writes itself under.
const SOFTWARE: &str = "Estafette";
/// Most characters of a label in subjects and names of files (ECO.2.1.3, ECO.2.1.6).
const LABEL: usize = 40;

/// An archive ready to be sent, and how the message that carries it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// `IHE_XDM.zip`.
    pub zip: Vec<u8>,
    /// Subject of the message (ECO.2.1.3).
    pub subject: String,
    /// Name of each PDF beside the archive (ECO.2.1.6), in the order given.
    pub names: Vec<String>,
}

/// Packs PDFs about a patient. `kind` is the LOINC code of their type; without one they are a consultation report.
/// Without an author the program is named as the device that put them together.
///
/// # Errors
/// `patient-incomplete` without INS, birth name, first given name, birth date and sex; `ins-key-wrong`;
/// `document-type-unknown`; `input-unreadable` for what is no PDF.
pub fn pack(
    patient: &Patient,
    author: Option<&facts::Author>,
    kind: Option<&str>,
    pdfs: Vec<Vec<u8>>,
) -> Result<Pack> {
    let refused = |code| Error::new(ErrorKind::Corrupt, code);
    let about = complete(patient)?;
    let kind = match kind {
        Some(code) => {
            *TYPES.iter().find(|t| t.code == code).ok_or_else(|| refused("document-type-unknown"))?
        }
        None => TYPES.first().copied().ok_or_else(|| refused("document-type-unknown"))?,
    };
    let written = author.map_or_else(by_program, of_author);
    let now = clock::now();
    let mut documents = Vec::new();
    for pdf in pdfs {
        if sniff::kind(&pdf, "", "") != facts::DocumentKind::Pdf {
            return Err(refused("input-unreadable"));
        }
        documents.push(Document {
            unique_id: unique_id()?,
            replaces: None,
            kind,
            title: kind.label.to_owned(),
            created: now,
            act: now,
            patient: about.clone(),
            author: written.clone(),
            setting: Setting::Practice,
            body: Body::Pdf(pdf),
        });
    }
    if documents.is_empty() {
        return Err(refused("input-unreadable"));
    }
    let label = match documents.len() {
        1 => kind.label.chars().take(LABEL).collect::<String>(),
        several => format!("{several} documents"),
    };
    // names without accents, the birth name in capitals
    let (name, given) = (identity::folded(&about.birth_name), identity::folded(&about.given_name));
    let day = jiff::Timestamp::from_second(now).unwrap_or_default().strftime("%Y%m%d").to_string();
    let short: String = kind.label.chars().take(LABEL).collect();
    let names = (1..=documents.len())
        .map(|n| {
            let number = if documents.len() > 1 { format!("_{n}") } else { String::new() };
            format!("{day}_{short}_{name}_{given}{number}.pdf")
        })
        .collect();
    Ok(Pack {
        subject: format!("XDM/1.0/DDM+{label} {name} {given} {}", about.birth_date()),
        names,
        zip: xdm::write(&documents, SOFTWARE).map_err(|e| Error::new(ErrorKind::Bug, "bug").caused_by(e))?,
    })
}

/// The traits a document must carry. An address or document is never made from an INS whose key is wrong.
fn complete(patient: &Patient) -> Result<crate::health::document::Patient> {
    let incomplete = || Error::new(ErrorKind::Corrupt, "patient-incomplete");
    if !patient.has_full_traits() {
        return Err(incomplete());
    }
    let given = patient.ins.as_ref().ok_or_else(incomplete)?;
    let known = ins::received(&given.matricule, &given.oid).ok_or_else(incomplete)?;
    if !known.key_fits {
        return Err(Error::new(ErrorKind::Corrupt, "ins-key-wrong"));
    }
    let date = patient.birth_date.as_deref().unwrap_or_default();
    let mut parts = date.split('-').map(str::parse::<u16>);
    let (Some(Ok(year)), Some(Ok(month)), Some(Ok(day))) = (parts.next(), parts.next(), parts.next()) else {
        return Err(incomplete());
    };
    let small = |n: u16| u8::try_from(n).map_err(|_| incomplete());
    Ok(crate::health::document::Patient {
        birth_name: identity::folded(&patient.birth_name),
        given_name: patient.first_name.clone(),
        born: (year, small(month)?, small(day)?),
        female: patient.sex == Some(Sex::F),
        matricule: known.matricule,
        oid: known.oid,
    })
}

fn by_program() -> Author {
    Author {
        national_id: String::new(),
        family_name: SOFTWARE.to_owned(),
        given_name: String::new(),
        profession_code: String::new(),
        profession: String::new(),
        organisation: String::new(),
        organisation_id: String::new(),
    }
}

fn of_author(author: &facts::Author) -> Author {
    let (given, family) = author.name.rsplit_once(' ').unwrap_or(("", &author.name));
    let profession = author.profession.clone().unwrap_or_default();
    Author {
        national_id: author.id.clone(),
        family_name: family.to_owned(),
        given_name: given.to_owned(),
        profession_code: profession.code,
        profession: profession.label,
        organisation: author.organisation.clone(),
        organisation_id: author.organisation_id.clone(),
    }
}

/// An OID nobody has to register: 2.25 and a random number (ITU-T X.667 §7).
fn unique_id() -> Result<String> {
    let mut bytes = [0_u8; 16];
    ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut bytes)
        .map_err(|_| Error::new(ErrorKind::Bug, "bug"))?;
    Ok(format!("2.25.{}", u128::from_be_bytes(bytes)))
}
