//! CDA R2 with the header of CI-SIS "Structuration minimale".

use std::fmt::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::document::{Author, Body, Document, LabResult, Section, Setting, utc, xml};

/// Writes the document as CDA: level 1 around a PDF, level 3 with narrative sections.
pub fn write(document: &Document) -> String {
    let mut out = String::with_capacity(6_000);
    out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str("<ClinicalDocument xmlns=\"urn:hl7-org:v3\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n");
    out.push_str(
        "<realmCode code=\"FR\"/>\n<typeId root=\"2.16.840.1.113883.1.3\" extension=\"POCD_HD000040\"/>\n",
    );
    out.push_str(
        "<templateId root=\"2.16.840.1.113883.2.8.2.1\"/>\n<templateId root=\"1.2.250.1.213.1.1.1.1\"/>\n",
    );
    head(&mut out, document);
    patient(&mut out, document);
    people(&mut out, document);
    act(&mut out, document);
    body(&mut out, document);
    out.push_str("</ClinicalDocument>\n");
    out
}

// writing to a String cannot fail
macro_rules! put {
    ($out:expr, $($arg:tt)*) => { let _ = writeln!($out, $($arg)*); };
}

fn time(at: i64) -> String {
    format!("{}+0000", utc(at))
}

fn head(out: &mut String, d: &Document) {
    put!(out, "<id root=\"{}\"/>", xml(&d.unique_id));
    put!(
        out,
        "<code code=\"{}\" displayName=\"{}\" codeSystem=\"2.16.840.1.113883.6.1\"/>",
        d.kind.code,
        xml(d.kind.label)
    );
    put!(out, "<title>{}</title>\n<effectiveTime value=\"{}\"/>", xml(&d.title), time(d.created));
    put!(
        out,
        "<confidentialityCode code=\"N\" displayName=\"Normal\" codeSystem=\"2.16.840.1.113883.5.25\"/>"
    );
    let series = d.replaces.as_ref().unwrap_or(&d.unique_id);
    let version = if d.replaces.is_some() { 2 } else { 1 };
    put!(
        out,
        "<languageCode code=\"fr-FR\"/>\n<setId root=\"{}.0\"/>\n<versionNumber value=\"{version}\"/>",
        xml(series)
    );
}

fn patient(out: &mut String, d: &Document) {
    let p = &d.patient;
    put!(
        out,
        "<recordTarget><patientRole><id extension=\"{}\" root=\"{}\"/>",
        xml(&p.matricule),
        xml(&p.oid)
    );
    put!(out, "<addr nullFlavor=\"NASK\"/><telecom nullFlavor=\"NASK\"/>");
    put!(
        out,
        "<patient><name><family qualifier=\"BR\">{0}</family><given>{1}</given><given qualifier=\"BR\">{1}</given></name>",
        xml(&p.birth_name),
        xml(&p.given_name.to_uppercase())
    );
    let (code, label) = if p.female { ("F", "Féminin") } else { ("M", "Masculin") };
    put!(
        out,
        "<administrativeGenderCode code=\"{code}\" displayName=\"{label}\" codeSystem=\"2.16.840.1.113883.5.1\"/>"
    );
    put!(out, "<birthTime value=\"{}\"/>", p.birth_compact());
    put!(
        out,
        "<birthplace><place><addr><county>99999</county></addr></place></birthplace></patient></patientRole></recordTarget>"
    );
}

fn person(a: &Author) -> String {
    format!(
        "<assignedPerson><name><given>{}</given><family>{}</family></name></assignedPerson>",
        xml(&a.given_name),
        xml(&a.family_name)
    )
}

fn people(out: &mut String, d: &Document) {
    let a = &d.author;
    let organisation = format!(
        "<id root=\"1.2.250.1.71.4.2.2\" extension=\"{}\"/><name>{}</name>",
        xml(&a.organisation_id),
        xml(&a.organisation)
    );
    if a.national_id.is_empty() {
        return by_program(out, d);
    }
    let id = format!("<id root=\"1.2.250.1.71.4.2.1\" extension=\"{}\"/>", xml(&a.national_id));
    put!(out, "<author><time value=\"{}\"/><assignedAuthor>{id}", time(d.created));
    put!(
        out,
        "<code code=\"{}\" displayName=\"{}\" codeSystem=\"1.2.250.1.213.1.1.4.5\"/><addr nullFlavor=\"NASK\"/><telecom nullFlavor=\"NASK\"/>",
        xml(&a.profession_code),
        xml(&a.profession)
    );
    put!(
        out,
        "{}<representedOrganization>{organisation}</representedOrganization></assignedAuthor></author>",
        person(a)
    );
    put!(
        out,
        "<custodian><assignedCustodian><representedCustodianOrganization>{organisation}<telecom nullFlavor=\"NASK\"/><addr nullFlavor=\"NASK\"/></representedCustodianOrganization></assignedCustodian></custodian>"
    );
    put!(
        out,
        "<legalAuthenticator><time value=\"{}\"/><signatureCode code=\"S\"/><assignedEntity>{id}<addr nullFlavor=\"NASK\"/><telecom nullFlavor=\"NASK\"/>{}</assignedEntity></legalAuthenticator>",
        time(d.created),
        person(a)
    );
}

/// Nobody is known to have written it: the program put it together, and who answers for it is not said.
fn by_program(out: &mut String, d: &Document) {
    let name = xml(&d.author.organisation);
    put!(
        out,
        "<author><time value=\"{}\"/><assignedAuthor><id nullFlavor=\"NI\"/><addr nullFlavor=\"NASK\"/><telecom nullFlavor=\"NASK\"/><assignedAuthoringDevice><softwareName>{}</softwareName></assignedAuthoringDevice></assignedAuthor></author>",
        time(d.created),
        xml(&d.author.family_name)
    );
    put!(
        out,
        "<custodian><assignedCustodian><representedCustodianOrganization><id nullFlavor=\"NI\"/><name>{name}</name><telecom nullFlavor=\"NASK\"/><addr nullFlavor=\"NASK\"/></representedCustodianOrganization></assignedCustodian></custodian>"
    );
}

pub(in crate::health) fn facility(
    setting: Setting,
) -> (&'static str, &'static str, &'static str, &'static str) {
    match setting {
        Setting::Practice => ("SA07", "Cabinet individuel", "AMBULATOIRE", "Ambulatoire"),
        Setting::Hospital => {
            ("SA01", "Etablissement public de santé", "ETABLISSEMENT", "Etablissement de santé")
        }
    }
}

fn performer(a: &Author) -> String {
    if a.national_id.is_empty() {
        return "<id nullFlavor=\"NI\"/>".to_owned();
    }
    format!("<id root=\"1.2.250.1.71.4.2.1\" extension=\"{}\"/>{}", xml(&a.national_id), person(a))
}

fn act(out: &mut String, d: &Document) {
    let (place, place_label, setting, setting_label) = facility(d.setting);
    let period =
        format!("<effectiveTime><low value=\"{0}\"/><high value=\"{0}\"/></effectiveTime>", time(d.act));
    put!(
        out,
        "<documentationOf><serviceEvent>{period}<performer typeCode=\"PRF\"><assignedEntity>{}",
        performer(&d.author)
    );
    put!(
        out,
        "<representedOrganization><name>{}</name><standardIndustryClassCode code=\"{setting}\" displayName=\"{setting_label}\" codeSystem=\"1.2.250.1.213.1.1.4.9\"/></representedOrganization></assignedEntity></performer></serviceEvent></documentationOf>",
        xml(&d.author.organisation)
    );
    if let Some(old) = &d.replaces {
        put!(
            out,
            "<relatedDocument typeCode=\"RPLC\"><parentDocument><id root=\"{}\"/></parentDocument></relatedDocument>",
            xml(old)
        );
    }
    put!(
        out,
        "<componentOf><encompassingEncounter>{period}<location><healthCareFacility><code code=\"{place}\" displayName=\"{place_label}\" codeSystem=\"1.2.250.1.71.4.2.4\"/></healthCareFacility></location></encompassingEncounter></componentOf>"
    );
}

fn body(out: &mut String, d: &Document) {
    match &d.body {
        Body::Pdf(pdf) => {
            put!(
                out,
                "<component><nonXMLBody><text mediaType=\"application/pdf\" representation=\"B64\">{}</text></nonXMLBody></component>",
                STANDARD.encode(pdf)
            );
        }
        Body::Sections(sections) => {
            out.push_str("<component><structuredBody>\n");
            for part in sections {
                section(out, part, d.act);
            }
            out.push_str("</structuredBody></component>\n");
        }
    }
}

fn section(out: &mut String, s: &Section, at: i64) {
    put!(
        out,
        "<component><section><code code=\"{}\" displayName=\"{1}\" codeSystem=\"2.16.840.1.113883.6.1\"/><title>{1}</title><text>",
        xml(&s.code),
        xml(&s.title)
    );
    for paragraph in &s.paragraphs {
        put!(out, "<paragraph>{}</paragraph>", xml(paragraph));
    }
    if !s.results.is_empty() {
        out.push_str("<table border=\"0\"><thead><tr><th>Examen</th><th>Résultat</th><th>Valeurs de référence</th></tr></thead><tbody>\n");
        for (n, r) in s.results.iter().enumerate() {
            let style = if r.flag == "N" { "" } else { " styleCode=\"Bold\"" };
            let value = format!("{} {}", r.value.replace('.', ","), r.unit);
            let bounds = format!("{} - {}", r.low, r.high).replace('.', ",");
            put!(
                out,
                "<tr><td><content ID=\"r{n}\">{}</content></td><td><content{style}>{}</content></td><td>{}</td></tr>",
                xml(&r.label),
                xml(value.trim()),
                xml(&bounds)
            );
        }
        out.push_str("</tbody></table>\n");
    }
    out.push_str("</text>\n");
    for (n, r) in s.results.iter().enumerate() {
        observation(out, r, n, at);
    }
    out.push_str("</section></component>\n");
}

fn observation(out: &mut String, r: &LabResult, n: usize, at: i64) {
    // UCUM writes the micro sign as u
    let unit = xml(&r.unit.replace('µ', "u"));
    put!(
        out,
        "<entry typeCode=\"DRIV\"><observation classCode=\"OBS\" moodCode=\"EVN\"><code code=\"{}\" displayName=\"{}\" codeSystem=\"2.16.840.1.113883.6.1\"><originalText><reference value=\"#r{n}\"/></originalText></code><statusCode code=\"completed\"/><effectiveTime value=\"{}\"/>",
        xml(&r.loinc),
        xml(&r.label),
        time(at)
    );
    put!(
        out,
        "<value xsi:type=\"PQ\" value=\"{}\" unit=\"{unit}\"/><interpretationCode code=\"{}\" codeSystem=\"2.16.840.1.113883.5.83\"/>",
        xml(&r.value),
        xml(&r.flag)
    );
    let bound = |name: &str, value: &str| match value {
        "" => String::new(),
        v => format!("<{name} value=\"{}\" unit=\"{unit}\"/>", xml(v)),
    };
    put!(
        out,
        "<referenceRange><observationRange><value xsi:type=\"IVL_PQ\">{}{}</value></observationRange></referenceRange></observation></entry>",
        bound("low", &r.low),
        bound("high", &r.high)
    );
}
