//! Who, whom, what and when: the header of a CDA. Source of the paths: digest §2.1.

use crate::domain::document::{Author, Change, Code, Document, Mask, Warning};
use crate::domain::patient::{InsNature, LocalId, Patient, Sex};
use crate::domain::text::is_deceptive;
use crate::health::markup::Element;
use crate::health::{ins, time};

/// Longest value kept of a header field, in bytes.
const MOST: usize = 500;
/// Most authors, recipients, identifiers and replaced documents kept.
const MANY: usize = 50;

/// Reads the header into a document.
pub(super) fn read(root: Element<'_>, document: &mut Document) {
    document.unique_id = root.first("id").and_then(instance);
    document.series = root.first("setId").and_then(instance);
    document.version = root.first("versionNumber").and_then(|v| v.attribute("value")?.parse().ok());
    document.code = root.first("code").and_then(code);
    document.title = root.first("title").map(text).unwrap_or_default();
    document.date = root.first("effectiveTime").and_then(moment);
    document.act_date = act(root);
    related(root, document);
    if let Some(confidentiality) = root.first("confidentialityCode").and_then(|c| c.attribute("code"))
        && matches!(confidentiality, "R" | "V")
    {
        document.masks.push(Mask::Restricted);
    }
    document.patient = root.path(&["recordTarget", "patientRole"]).map(patient);
    if root.all("recordTarget").nth(1).is_some() {
        document.warn(Warning::SeveralPatients);
    }
    match document.patient.as_ref().and_then(|p| p.ins.as_ref()) {
        Some(ins) => {
            let (key_fits, nature) = (ins.key_fits, ins.nature);
            if !key_fits {
                document.warn(Warning::InsKeyWrong);
            }
            match nature {
                InsNature::Test | InsNature::Demo => document.warn(Warning::InsTest),
                InsNature::Obsolete => document.warn(Warning::InsObsolete),
                InsNature::Nir | InsNature::Nia => {}
            }
        }
        None => document.warn(Warning::InsMissing),
    }
    document.authors = root
        .all("author")
        .filter_map(|a| a.first("assignedAuthor"))
        .take(MANY)
        .map(entity)
        .filter(|a| *a != Author::default())
        .collect();
    document.responsible = root.path(&["legalAuthenticator", "assignedEntity"]).map(entity);
    document.recipients = root
        .all("informationRecipient")
        .filter_map(|r| r.first("intendedRecipient"))
        .take(MANY)
        .map(|r| {
            let name = r.path(&["informationRecipient", "name"]).map(person).unwrap_or_default();
            let place = r.path(&["receivedOrganization", "name"]).map(text).unwrap_or_default();
            [name, place].into_iter().filter(|n| !n.is_empty()).collect::<Vec<_>>().join(", ")
        })
        .filter(|name| !name.is_empty())
        .collect();
}

/// An identifier as XDS writes it: `root`, or `root^extension`.
fn instance(id: Element<'_>) -> Option<String> {
    let root = id.attribute("root").map(shown)?;
    Some(match id.attribute("extension") {
        Some(extension) => format!("{root}^{}", shown(extension)),
        None => root,
    })
}

/// One line without deceptive characters, bounded.
fn shown(value: &str) -> String {
    let cut = value.get(..value.floor_char_boundary(MOST)).unwrap_or(value);
    cut.chars().filter(|c| !is_deceptive(*c)).collect()
}

fn text(element: Element<'_>) -> String {
    shown(&element.text(MOST))
}

/// A code with its label: displayName, else originalText, else the code itself.
pub(super) fn code(element: Element<'_>) -> Option<Code> {
    let code = element.attribute("code").map(shown).unwrap_or_default();
    let original = element.first("originalText").map(text).filter(|t| !t.is_empty());
    let label = element.attribute("displayName").map(shown).or(original).unwrap_or_default();
    (!code.is_empty() || !label.is_empty()).then(|| Code {
        code,
        label,
        system: element.attribute("codeSystem").map(shown).unwrap_or_default(),
    })
}

/// `value`, else `low`, as ISO 8601.
pub(super) fn moment(element: Element<'_>) -> Option<String> {
    let low = || element.first("low").and_then(|low| low.attribute("value"));
    time::from_hl7(element.attribute("value").or_else(low)?)
}

/// When the main act began: the first service event with a time.
fn act(root: Element<'_>) -> Option<String> {
    root.all("documentationOf")
        .filter_map(|d| d.path(&["serviceEvent", "effectiveTime"]))
        .find_map(moment)
        .or_else(|| root.path(&["componentOf", "encompassingEncounter", "effectiveTime"]).and_then(moment))
}

fn related(root: Element<'_>, document: &mut Document) {
    for related in root.all("relatedDocument").take(MANY) {
        let change = match related.attribute("typeCode") {
            Some("RPLC") => Change::Replaces,
            Some("APND") => Change::Appends,
            // a transformation is another form of the same
            _ => continue,
        };
        document.change = document.change.filter(|c| *c == Change::Replaces).or(Some(change));
        document.related.extend(related.path(&["parentDocument", "id"]).and_then(instance));
    }
}

/// Name of a person: prefix, given name, family name.
fn person(name: Element<'_>) -> String {
    let part = |wanted: &'static str| {
        name.elements()
            .filter(|e| e.name() == wanted && e.space() == name.space())
            .take(MANY)
            .map(text)
            .filter(|t| !t.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    };
    // CI-SIS puts the civility (M, MME) into prefix and the title (DR, PR) into suffix
    let title = Some(part("suffix")).filter(|t| !t.is_empty()).unwrap_or_else(|| part("prefix"));
    let title = match title.to_uppercase().as_str() {
        "DR" => "Dr".to_owned(),
        "PR" => "Pr".to_owned(),
        "MME" => "Mme".to_owned(),
        _ => title,
    };
    let words = [title, part("given"), part("family")];
    let whole = words.into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
    if whole.is_empty() { text(name) } else { whole }
}

/// An assigned author or entity: person, device or organisation.
fn entity(assigned: Element<'_>) -> Author {
    let organisation = assigned.first("representedOrganization");
    let device = assigned.first("assignedAuthoringDevice");
    let person_name = assigned.path(&["assignedPerson", "name"]).map(person).filter(|n| !n.is_empty());
    let device_name = device.and_then(|d| {
        d.first("softwareName")
            .or_else(|| d.first("manufacturerModelName"))
            .map(text)
            .filter(|n| !n.is_empty())
    });
    let organisation_name = organisation.and_then(|o| o.first("name")).map(text).unwrap_or_default();
    let national = |e: Element<'_>, root: &str| {
        e.all("id")
            .find(|id| id.attribute("root") == Some(root))
            .or_else(|| e.first("id"))
            .and_then(|id| id.attribute("extension").or_else(|| id.attribute("root")))
            .map(shown)
    };
    Author {
        name: person_name.or(device_name).unwrap_or_else(|| organisation_name.clone()),
        id: national(assigned, "1.2.250.1.71.4.2.1").unwrap_or_default(),
        profession: assigned.first("code").and_then(code),
        organisation_id: organisation.and_then(|o| national(o, "1.2.250.1.71.4.2.2")).unwrap_or_default(),
        organisation: organisation_name,
        address: String::new(),
    }
}

fn patient(role: Element<'_>) -> Patient {
    let mut patient = Patient::default();
    for id in role.all("id").take(MANY) {
        let (Some(root), extension) = (id.attribute("root"), id.attribute("extension")) else { continue };
        match extension.and_then(|value| ins::received(value, root)) {
            // the current INS before an obsolete one
            Some(found) if found.nature != InsNature::Obsolete || patient.ins.is_none() => {
                patient.ins = Some(found);
            }
            Some(_) => {}
            None => patient
                .local_ids
                .push(LocalId { root: shown(root), value: extension.map(shown).unwrap_or_default() }),
        }
    }
    let Some(person) = role.first("patient") else { return patient };
    for name in person.all("name").take(MANY) {
        names(name, &mut patient);
    }
    patient.sex = person.first("administrativeGenderCode").and_then(|c| c.attribute("code")).and_then(sex);
    patient.birth_date =
        person.first("birthTime").and_then(moment).map(|date| date.chars().take(10).collect());
    patient.birth_place =
        person.path(&["birthplace", "place", "addr", "county"]).map(text).unwrap_or_default();
    patient.address = role.first("addr").map(address).unwrap_or_default();
    let name = if patient.birth_name.is_empty() { &patient.used_name } else { &patient.birth_name };
    patient.name = format!("{name} {}", patient.first_name).trim().to_owned();
    patient
}

/// Family and given names by their qualifier. Without one, a family name is the birth name where none is marked, and a
/// given name is the whole list of birth given names in one text.
fn names(name: Element<'_>, patient: &mut Patient) {
    let mut unmarked_family = String::new();
    let mut given = Vec::new();
    for part in name.elements().take(MANY) {
        let value = text(part);
        if value.is_empty() {
            continue;
        }
        // several qualifiers may stand in one attribute
        let marked = |wanted: &str| {
            part.attribute("qualifier").is_some_and(|q| q.split_whitespace().any(|one| one == wanted))
        };
        let used = marked("CL") || marked("SP");
        match part.name() {
            "family" if marked("BR") => patient.birth_name = value,
            "family" if used => patient.used_name = value,
            "family" => unmarked_family = value,
            "given" if marked("BR") => patient.first_name = value,
            "given" if used => patient.used_first_name = value,
            "given" => given.push(value),
            _ => {}
        }
    }
    if patient.birth_name.is_empty() {
        patient.birth_name = unmarked_family;
    }
    if !given.is_empty() {
        patient.given_names = given.join(" ");
    }
    if patient.first_name.is_empty() {
        // one given name is one, a list in one text cannot be cut: JEAN PIERRE may be one name
        patient.first_name = given.first().cloned().unwrap_or_else(|| patient.used_first_name.clone());
    }
}

fn sex(code: &str) -> Option<Sex> {
    match code {
        "F" => Some(Sex::F),
        "M" => Some(Sex::M),
        "UN" | "U" | "O" => Some(Sex::U),
        _ => None,
    }
}

/// An address in one line, as one writes it on an envelope.
fn address(addr: Element<'_>) -> String {
    const ORDER: [&str; 8] = [
        "streetAddressLine",
        "additionalLocator",
        "houseNumber",
        "streetNameType",
        "streetName",
        "unitID",
        "postalCode",
        "city",
    ];
    let place = |e: &Element<'_>| ORDER.iter().position(|n| *n == e.name()).unwrap_or(ORDER.len());
    let mut parts: Vec<Element<'_>> = addr.elements().take(MANY).collect();
    parts.sort_by_key(place);
    let parts: Vec<String> = parts.into_iter().map(text).filter(|t| !t.is_empty()).collect();
    if parts.is_empty() { text(addr) } else { parts.join(" ") }
}
