//! METADATA.XML of a submission set, read by the nesting of its elements: identifiers and references between them are
//! wrong in archives of the agency's own generator (digest §1.5).

use crate::domain::document::{Author, Code, Mask};
use crate::domain::patient::{LocalId, Patient, Sex};
use crate::domain::text::is_deceptive;
use crate::health::markup::{self, Element, Tree};
use crate::health::{ins, time};

/// Namespace of the registry's information model that is read.
const RIM3: &str = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0";
/// Most documents, and longest value in bytes.
const MAX_DOCUMENTS: usize = 200;
const MOST: usize = 1_000;

// classification and identification schemes (digest §1.3)
const AUTHOR: &str = "93606bcf-9494-43ec-9b4e-a7748d1a838d";
const CLASS: &str = "41a5887f-8865-4c09-adf7-e362475b143a";
const TYPE: &str = "f0306f51-975f-434e-a61c-c59651d33983";
const CONFIDENTIALITY: &str = "f4f85eac-e6cb-4883-b524-f2705394840f";
const PATIENT: &str = "58a6f841-87b3-4a3e-92fd-a8ffeff98427";
const UNIQUE: &str = "2e82c1f6-a085-4c72-9da3-8640a32e42ab";
const SET_PATIENT: &str = "6b5aea1a-874d-4603-a4bc-96a0a7b38446";
const SET_AUTHOR: &str = "a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d";

/// Why metadata cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// XML that is refused or broken.
    Xml(markup::Error),
    /// Another registry model, such as ebRIM 2.1.
    Unsupported,
}

/// The submission set.
#[derive(Debug, Default)]
pub(super) struct Set {
    pub(super) title: String,
    pub(super) patient: Option<Patient>,
    pub(super) author: Option<Author>,
    pub(super) entries: Vec<Entry>,
    /// An association says that documents replace others.
    pub(super) replaces: Vec<String>,
    pub(super) guessed: bool,
    pub(super) has_dtd: bool,
}

/// One document as the metadata describe it.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) media_type: String,
    pub(super) uri: String,
    pub(super) hash: String,
    pub(super) size: Option<u64>,
    pub(super) title: String,
    pub(super) created: Option<String>,
    pub(super) act: Option<String>,
    pub(super) unique_id: Option<String>,
    pub(super) patient: Option<Patient>,
    pub(super) author: Option<Author>,
    pub(super) class: Option<Code>,
    pub(super) code: Option<Code>,
    pub(super) masks: Vec<Mask>,
    /// Slot `urn:action:extraMetadataSlot`: `C` for a new version, by analogy `D` for a deletion.
    pub(super) action: String,
}

/// Reads the metadata.
pub(super) fn read(bytes: &[u8]) -> Result<Set, Refusal> {
    let (text, guessed) = markup::decode(bytes).map_err(Refusal::Xml)?;
    let tree = Tree::parse(&text).map_err(Refusal::Xml)?;
    let root = tree.root();
    let mut set = Set { guessed, has_dtd: tree.has_dtd, ..Set::default() };
    let mut known = false;
    for element in root.descendants() {
        if element.space() == RIM3 {
            known = true;
        }
        match lower(element).as_str() {
            "registrypackage" => package(element, &mut set),
            "extrinsicobject" if set.entries.len() < MAX_DOCUMENTS => set.entries.push(entry(element)),
            "association" if is_replacement(element) => {
                set.replaces.extend(element.attribute("targetObject").map(shown));
            }
            _ => {}
        }
    }
    if known { Ok(set) } else { Err(Refusal::Unsupported) }
}

/// Lower-case `classification` exists.
fn lower(element: Element<'_>) -> String {
    if element.name().len() > 40 { String::new() } else { element.name().to_ascii_lowercase() }
}

fn is_replacement(association: Element<'_>) -> bool {
    association
        .attribute("associationType")
        .is_some_and(|t| t.rsplit_once(':').map_or(t, |(_, last)| last).to_ascii_uppercase().contains("RPLC"))
}

fn shown(value: &str) -> String {
    let value = value.trim();
    let cut = value.get(..value.floor_char_boundary(MOST)).unwrap_or(value);
    cut.chars().filter(|c| !is_deceptive(*c)).collect()
}

fn named<'t>(element: Element<'t>, name: &'static str) -> impl Iterator<Item = Element<'t>> {
    element.elements().filter(move |e| lower(*e) == name)
}

/// Values of a slot.
fn slots(element: Element<'_>, wanted: &str) -> Vec<String> {
    named(element, "slot")
        .filter(|slot| slot.attribute("name").is_some_and(|n| n.eq_ignore_ascii_case(wanted)))
        .flat_map(|slot| slot.descendants().filter(|e| lower(*e) == "value").take(50).collect::<Vec<_>>())
        .map(|value| shown(&value.text(MOST)))
        .filter(|value| !value.is_empty())
        .collect()
}

fn slot(element: Element<'_>, wanted: &str) -> String {
    slots(element, wanted).into_iter().next().unwrap_or_default()
}

/// `Name/LocalizedString@value`.
fn name(element: Element<'_>) -> String {
    named(element, "name")
        .flat_map(|n| n.elements().collect::<Vec<_>>())
        .find_map(|l| l.attribute("value"))
        .map(shown)
        .unwrap_or_default()
}

fn scheme_of(element: Element<'_>, attribute: &str) -> String {
    let scheme = element.attribute(attribute).unwrap_or_default();
    scheme.trim_start_matches("urn:uuid:").to_ascii_lowercase()
}

fn classified<'t>(element: Element<'t>, scheme: &'static str) -> impl Iterator<Item = Element<'t>> {
    named(element, "classification").filter(move |c| scheme_of(*c, "classificationScheme") == scheme)
}

/// Value of an external identifier, by its scheme, else by the end of its name.
fn identifier(element: Element<'_>, scheme: &str, called: &str) -> Option<String> {
    let all = || named(element, "externalidentifier");
    all()
        .find(|e| scheme_of(*e, "identificationScheme") == scheme)
        .or_else(|| {
            all().find(|e| scheme_of(*e, "identificationScheme").is_empty() && name(*e).ends_with(called))
        })
        .and_then(|e| e.attribute("value"))
        .map(shown)
}

fn code(classification: Element<'_>) -> Code {
    Code {
        code: classification.attribute("nodeRepresentation").map(shown).unwrap_or_default(),
        system: slot(classification, "codingScheme"),
        label: name(classification),
    }
}

fn package(element: Element<'_>, set: &mut Set) {
    // folders are packages too
    let patient = identifier(element, SET_PATIENT, "SubmissionSet.patientId");
    if let Some(patient) = patient.as_deref().and_then(from_cx) {
        set.patient.get_or_insert(patient);
    }
    if set.title.is_empty() {
        set.title = name(element);
    }
    if let Some(found) = classified(element, SET_AUTHOR).next().map(author) {
        set.author.get_or_insert(found);
    }
}

fn entry(element: Element<'_>) -> Entry {
    let mut patient = identifier(element, PATIENT, "DocumentEntry.patientId").as_deref().and_then(from_cx);
    let info = slots(element, "sourcePatientInfo");
    if !info.is_empty() {
        traits(&info, patient.get_or_insert_default());
    }
    if let Some(local) = slots(element, "sourcePatientId").first().and_then(|id| local_id(id)) {
        patient.get_or_insert_default().local_ids.push(local);
    }
    let mut masks = Vec::new();
    for code in classified(element, CONFIDENTIALITY).filter_map(|c| c.attribute("nodeRepresentation")) {
        if let Some(mask) = mask(code).filter(|m| !masks.contains(m)) {
            masks.push(mask);
        }
    }
    let time = |wanted: &str| time::from_hl7(&slot(element, wanted)).map(as_utc);
    Entry {
        id: element.attribute("id").map(shown).unwrap_or_default(),
        media_type: element.attribute("mimeType").map(shown).unwrap_or_default().to_ascii_lowercase(),
        uri: uri(element),
        hash: slot(element, "hash").to_ascii_lowercase(),
        size: slot(element, "size").parse().ok(),
        title: name(element),
        created: time("creationTime"),
        act: time("serviceStartTime"),
        unique_id: identifier(element, UNIQUE, "DocumentEntry.uniqueId").filter(|id| !id.is_empty()),
        patient: patient.filter(|p| *p != Patient::default()),
        author: classified(element, AUTHOR).next().map(author),
        class: classified(element, CLASS).next().map(code),
        code: classified(element, TYPE).next().map(code),
        masks,
        action: slot(element, "urn:action:extraMetadataSlot").to_ascii_uppercase(),
    }
}

/// Times of the metadata are in UTC (digest §1.4).
fn as_utc(time: String) -> String {
    let clock = time.split_once('T').map(|(_, clock)| clock);
    if clock.is_some_and(|clock| !clock.contains(['Z', '+', '-'])) { format!("{time}Z") } else { time }
}

/// Long URIs come in numbered pieces (`1|…`, ITI TF-3 §4.2.3.2.27).
fn uri(element: Element<'_>) -> String {
    let values = slots(element, "URI");
    match values.as_slice() {
        [one] => one
            .split_once('|')
            .filter(|(n, _)| n.parse::<u8>().is_ok())
            .map_or(one.as_str(), |(_, rest)| rest)
            .to_owned(),
        many => many.iter().map(|v| v.split_once('|').map_or(v.as_str(), |(_, rest)| rest)).collect(),
    }
}

fn mask(code: &str) -> Option<Mask> {
    match code.trim().to_ascii_uppercase().as_str() {
        "MASQUE_PS" => Some(Mask::Professionals),
        "INVISIBLE_PATIENT" => Some(Mask::Patient),
        // HL7 v2 writes the short form
        "INVISIBLE_REPRESENTANTS_LEGAUX" | "INVISIBLE_REP_LEGAUX" => Some(Mask::Guardians),
        "MASQUE_PSOCIAL" => Some(Mask::SocialWorkers),
        "MASQUE_PT" => Some(Mask::AttendingPhysician),
        "R" | "V" => Some(Mask::Restricted),
        _ => None,
    }
}

/// The OID of a composed component (`&OID&ISO`).
fn oid(component: &str) -> &str {
    component
        .split('&')
        .find(|part| part.len() > 3 && part.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
        .unwrap_or_default()
}

/// `matricule^^^&OID&ISO^NH`; the INS-C has the date it took effect in front (`INS-C^^DateEffective…`).
fn from_cx(value: &str) -> Option<Patient> {
    let parts: Vec<&str> = value.split('^').map(str::trim).collect();
    let id = parts.first().copied().unwrap_or_default();
    if id.is_empty() {
        return None;
    }
    let root = parts.get(3).map(|p| oid(p)).unwrap_or_default();
    let mut patient = Patient::default();
    match ins::received(id, root) {
        Some(ins) => patient.ins = Some(ins),
        None => patient.local_ids.push(LocalId { root: root.to_owned(), value: id.to_owned() }),
    }
    Some(patient)
}

fn local_id(value: &str) -> Option<LocalId> {
    let patient = from_cx(value)?;
    patient.local_ids.into_iter().next()
}

/// `PID-5|NOM^PRENOM^^^^^L`, `PID-7|date`, `PID-8|sex`.
fn traits(info: &[String], patient: &mut Patient) {
    for line in info {
        let Some((field, value)) = line.split_once('|') else { continue };
        match field.trim() {
            "PID-5" => {
                for name in value.split('~') {
                    let parts: Vec<&str> = name.split('^').map(str::trim).collect();
                    let part = |n: usize| parts.get(n).copied().unwrap_or_default().to_owned();
                    if part(6).eq_ignore_ascii_case("D") {
                        patient.used_name = part(0);
                    } else if patient.birth_name.is_empty() {
                        patient.birth_name = part(0);
                        patient.first_name = part(1);
                        patient.given_names = part(2);
                    }
                }
            }
            "PID-7" => patient.birth_date = time::from_hl7(value).map(|d| d.chars().take(10).collect()),
            "PID-8" => {
                patient.sex = match value.trim() {
                    "F" => Some(Sex::F),
                    "M" => Some(Sex::M),
                    "U" | "O" => Some(Sex::U),
                    _ => None,
                }
            }
            "PID-3" if patient.ins.is_none() => {
                patient.ins = value.split('~').find_map(|id| from_cx(id)?.ins);
            }
            _ => {}
        }
    }
    patient.name = format!("{} {}", patient.birth_name, patient.first_name).trim().to_owned();
}

/// XCN of the person, XON of the institution, code of the specialty.
fn author(classification: Element<'_>) -> Author {
    let person = slot(classification, "authorPerson");
    let parts: Vec<&str> = person.split('^').map(str::trim).collect();
    let part = |n: usize| parts.get(n).copied().unwrap_or_default();
    let institution = slot(classification, "authorInstitution");
    let places: Vec<&str> = institution.split('^').map(str::trim).collect();
    let place = |n: usize| places.get(n).copied().unwrap_or_default().to_owned();
    let specialty = slot(classification, "authorSpecialty");
    let trade: Vec<&str> = specialty.split('^').map(str::trim).collect();
    let name =
        [part(5), part(2), part(1)].into_iter().filter(|n| !n.is_empty()).collect::<Vec<_>>().join(" ");
    Author {
        name: if name.is_empty() { place(0) } else { name },
        id: part(0).to_owned(),
        profession: (!specialty.is_empty()).then(|| Code {
            code: trade.first().copied().unwrap_or_default().to_owned(),
            label: trade.get(1).copied().unwrap_or_default().to_owned(),
            system: trade.get(2).copied().unwrap_or_default().to_owned(),
        }),
        organisation: place(0),
        organisation_id: place(9),
        address: String::new(),
    }
}
