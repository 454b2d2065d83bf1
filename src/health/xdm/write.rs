//! IHE XDM archives as they travel in MSSanté mail.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::super::cda;
use super::super::document::{Body, Document, class_of, utc, xml};
use super::read::sha1;

/// The archive could not be put together.
#[derive(Debug, thiserror::Error)]
#[error("the archive could not be written")]
pub struct Error(#[from] zip::result::ZipError);

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self(error.into())
    }
}

/// Writes `IHE_XDM.zip` around documents of one patient by one author: README.TXT, INDEX.HTM, METADATA.XML, each CDA and
/// beside a CDA of level 1 its PDF.
///
/// # Errors
/// When the archive cannot be written.
pub fn write(documents: &[Document], software: &str) -> Result<Vec<u8>, Error> {
    let written: Vec<String> = documents.iter().map(cda::write).collect();
    let mut files = vec![
        ("README.TXT".to_owned(), readme(documents, software).into_bytes()),
        ("INDEX.HTM".to_owned(), index(documents).into_bytes()),
        ("IHE_XDM/SUBSET01/METADATA.XML".to_owned(), metadata(documents, &written).into_bytes()),
    ];
    for (number, (document, cda)) in documents.iter().zip(written).enumerate() {
        files.push((format!("IHE_XDM/SUBSET01/{}.XML", stem(number)), cda.into_bytes()));
        if let Body::Pdf(pdf) = &document.body {
            files.push((format!("IHE_XDM/SUBSET01/{}.PDF", stem(number)), pdf.clone()));
        }
    }
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    for (name, content) in files {
        zip.start_file(name, options)?;
        zip.write_all(&content)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// `DOC0001` for the first.
fn stem(number: usize) -> String {
    format!("DOC{:04}", number + 1)
}

fn readme(documents: &[Document], software: &str) -> String {
    let author = documents.first().map(|d| &d.author);
    let (given, family, place) = author
        .map_or(("", "", ""), |a| (a.given_name.as_str(), a.family_name.as_str(), a.organisation.as_str()));
    let mut out = format!(
        "Emetteur :\r\n  Nom : {given} {family}\r\n  Organisme : {place}\r\n\r\nApplication de l'emetteur :\r\n  Nom : {software}\r\n\r\n\
         Instructions :\r\n  Ouvrez INDEX.HTM dans un navigateur.\r\n\r\nArborescence :\r\n  README.TXT\r\n  INDEX.HTM\r\n  \
         IHE_XDM\\SUBSET01\\METADATA.XML\r\n"
    );
    for (number, document) in documents.iter().enumerate() {
        let _ = write!(out, "  IHE_XDM\\SUBSET01\\{}.XML\r\n", stem(number));
        if matches!(document.body, Body::Pdf(_)) {
            let _ = write!(out, "  IHE_XDM\\SUBSET01\\{}.PDF\r\n", stem(number));
        }
    }
    out
}

fn index(documents: &[Document]) -> String {
    let author = documents.first().map(|d| &d.author);
    let sender = author
        .map(|a| format!("{} {} ({})", xml(&a.given_name), xml(&a.family_name), xml(&a.organisation)))
        .unwrap_or_default();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" \
         \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\">\n<html xmlns=\"http://www.w3.org/1999/xhtml\"><head>\
         <title>Documents de santé</title></head><body><p>Emetteur : {sender}</p><p><a href=\"README.TXT\">README.TXT</a></p>"
    );
    for (number, document) in documents.iter().enumerate() {
        let ending = if matches!(document.body, Body::Pdf(_)) { "PDF" } else { "XML" };
        let _ = write!(
            out,
            "<p><a href=\"IHE_XDM/SUBSET01/{}.{ending}\">{}</a></p>",
            stem(number),
            xml(&document.title)
        );
    }
    out.push_str("</body></html>\n");
    out
}

fn slot(name: &str, value: &str) -> String {
    format!("<Slot name=\"{name}\"><ValueList><Value>{}</Value></ValueList></Slot>", xml(value))
}

fn name(value: &str) -> String {
    format!("<Name><LocalizedString xml:lang=\"FR\" charset=\"UTF8\" value=\"{}\"/></Name>", xml(value))
}

/// Writes ebRIM elements, numbering their ids.
struct Registry<'d> {
    document: &'d Document,
    out: String,
    next: u32,
}

impl Registry<'_> {
    fn id(&mut self) -> String {
        self.next += 1;
        format!("c{:04}", self.next)
    }

    fn class(&mut self, of: &str, scheme: &str, code: &str, system: &str, label: &str) {
        let id = self.id();
        let _ = writeln!(
            self.out,
            "<Classification id=\"{id}\" classificationScheme=\"urn:uuid:{scheme}\" classifiedObject=\"{of}\" nodeRepresentation=\"{}\">{}{}</Classification>",
            xml(code),
            slot("codingScheme", system),
            name(label)
        );
    }

    fn identifier(&mut self, of: &str, scheme: &str, value: &str, label: &str) {
        let id = self.id();
        let _ = writeln!(
            self.out,
            "<ExternalIdentifier id=\"{id}\" registryObject=\"{of}\" identificationScheme=\"urn:uuid:{scheme}\" value=\"{}\">{}</ExternalIdentifier>",
            xml(value),
            name(label)
        );
    }

    fn author(&mut self, of: &str, scheme: &str) {
        let a = &self.document.author;
        let slots = [
            slot(
                "authorInstitution",
                &format!("{}^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^{}", a.organisation, a.organisation_id),
            ),
            slot("authorPerson", &self.person()),
            slot("authorSpecialty", &format!("{}^{}^1.2.250.1.213.1.1.4.5", a.profession_code, a.profession)),
        ]
        .concat();
        let id = self.id();
        let _ = writeln!(
            self.out,
            "<Classification id=\"{id}\" classificationScheme=\"urn:uuid:{scheme}\" classifiedObject=\"{of}\" nodeRepresentation=\"\">{slots}</Classification>"
        );
    }

    fn person(&self) -> String {
        let a = &self.document.author;
        if a.national_id.is_empty() {
            // a device: name type U, identifier type RI (digest §1.4)
            return format!("^{}^^^^^^^^U^^^RI", a.family_name);
        }
        format!(
            "{}^{}^{}^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS",
            a.national_id,
            a.family_name.to_uppercase(),
            a.given_name
        )
    }

    fn patient(&self) -> String {
        format!("{}^^^&{}&ISO^NH", self.document.patient.matricule, self.document.patient.oid)
    }

    fn submission_set(&mut self, title: &str) {
        let d = self.document;
        let set = "SubmissionSet01";
        let _ = writeln!(
            self.out,
            "<RegistryPackage id=\"{set}\">{}{}",
            slot("submissionTime", &utc(d.created)),
            name(title)
        );
        let id = self.id();
        let _ = writeln!(
            self.out,
            "<Classification id=\"{id}\" classificationNode=\"urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd\" classifiedObject=\"{set}\"/>"
        );
        self.author(set, "a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d");
        self.class(set, "aa543740-bdda-424e-8c96-df4873be8500", "07", "1.2.250.1.213.2.2", "Consultation");
        self.identifier(
            set,
            "6b5aea1a-874d-4603-a4bc-96a0a7b38446",
            &self.patient(),
            "XDSSubmissionSet.patientId",
        );
        self.identifier(
            set,
            "554ac39e-e3fe-47fe-b233-965d2a147832",
            "1.2.250.1.999.9.4",
            "XDSSubmissionSet.sourceId",
        );
        self.identifier(
            set,
            "96fdda7c-d067-4183-912e-bf5ee74998a8",
            &format!("{}.1", d.unique_id),
            "XDSSubmissionSet.uniqueId",
        );
        self.out.push_str("</RegistryPackage>\n");
    }

    fn document_entry(&mut self, number: usize, cda: &[u8]) {
        let d = self.document;
        let doc = &entry_id(number);
        let _ = writeln!(
            self.out,
            "<ExtrinsicObject id=\"{doc}\" mimeType=\"text/xml\" objectType=\"urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1\" status=\"urn:oasis:names:tc:ebxml-regrep:StatusType:Approved\">"
        );
        let sex = if d.patient.female { "F" } else { "M" };
        let info = format!(
            "<Slot name=\"sourcePatientInfo\"><ValueList><Value>PID-5|{}^{}^^^^^L</Value><Value>PID-7|{}</Value><Value>PID-8|{sex}</Value></ValueList></Slot>",
            xml(&d.patient.birth_name),
            xml(&d.patient.given_name.to_uppercase()),
            d.patient.birth_compact()
        );
        let slots = [
            slot("hash", &sha1(cda)),
            slot("size", &cda.len().to_string()),
            slot("URI", &format!("{}.XML", stem(number))),
            slot("creationTime", &utc(d.created)),
            slot("languageCode", "fr-FR"),
            slot("legalAuthenticator", &self.person()),
            slot("serviceStartTime", &utc(d.act)),
            slot("sourcePatientId", &self.patient()),
            info,
            name(&d.title),
        ]
        .concat();
        self.out.push_str(&slots);
        self.out.push('\n');
        self.author(doc, "93606bcf-9494-43ec-9b4e-a7748d1a838d");
        self.document_classes(doc);
        self.identifier(
            doc,
            "58a6f841-87b3-4a3e-92fd-a8ffeff98427",
            &self.patient(),
            "XDSDocumentEntry.patientId",
        );
        self.identifier(
            doc,
            "2e82c1f6-a085-4c72-9da3-8640a32e42ab",
            &d.unique_id,
            "XDSDocumentEntry.uniqueId",
        );
        self.out.push_str("</ExtrinsicObject>\n");
    }

    fn document_classes(&mut self, doc: &str) {
        let d = self.document;
        let (place, place_label, setting, setting_label) = cda::facility(d.setting);
        let (class, class_label) = class_of(d.kind.code);
        let (format, format_label) = match d.body {
            Body::Pdf(_) => ("urn:ihe:iti:xds-sd:pdf:2008", "Document à corps non structuré en Pdf/A-1"),
            Body::Sections(_) => (d.kind.format, d.kind.format_label),
        };
        let format_system = if format.starts_with("urn:ihe") {
            "1.3.6.1.4.1.19376.1.2.3"
        } else {
            "1.2.250.1.213.1.1.4.2.282"
        };
        self.class(doc, "41a5887f-8865-4c09-adf7-e362475b143a", class, "1.2.250.1.213.1.1.4.1", class_label);
        self.class(doc, "f4f85eac-e6cb-4883-b524-f2705394840f", "N", "2.16.840.1.113883.5.25", "Normal");
        self.class(doc, "a09d5840-386c-46f2-b5ad-9c3699a4309d", format, format_system, format_label);
        self.class(doc, "f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1", place, "1.2.250.1.71.4.2.4", place_label);
        self.class(
            doc,
            "cccf5598-8b07-4b77-a05e-ae952c785ead",
            setting,
            "1.2.250.1.213.1.1.4.9",
            setting_label,
        );
        self.class(
            doc,
            "f0306f51-975f-434e-a61c-c59651d33983",
            d.kind.code,
            "2.16.840.1.113883.6.1",
            d.kind.label,
        );
    }
}

fn entry_id(number: usize) -> String {
    format!("Document{:02}", number + 1)
}

fn metadata(documents: &[Document], written: &[String]) -> String {
    let Some(first) = documents.first() else { return String::new() };
    let mut registry = Registry { document: first, out: String::with_capacity(8_000), next: 0 };
    registry.out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<lcm:SubmitObjectsRequest xmlns:lcm=\"urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0\"><RegistryObjectList xmlns=\"urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0\">\n");
    let title =
        if documents.len() == 1 { first.title.clone() } else { format!("{} documents", documents.len()) };
    registry.submission_set(&title);
    for (number, (document, cda)) in documents.iter().zip(written).enumerate() {
        registry.document = document;
        registry.document_entry(number, cda.as_bytes());
    }
    for (number, document) in documents.iter().enumerate() {
        let (member, entry) = (2 * number + 1, entry_id(number));
        let _ = writeln!(
            registry.out,
            "<Association id=\"as{member:02}\" associationType=\"urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember\" sourceObject=\"SubmissionSet01\" targetObject=\"{entry}\">{}</Association>",
            slot("SubmissionSetStatus", "Original")
        );
        if let Some(old) = &document.replaces {
            let _ = writeln!(
                registry.out,
                "<Association id=\"as{:02}\" associationType=\"urn:ihe:iti:2007:AssociationType:RPLC\" sourceObject=\"{entry}\" targetObject=\"{}\"/>",
                member + 1,
                xml(old)
            );
        }
    }
    registry.out.push_str("</RegistryObjectList></lcm:SubmitObjectsRequest>\n");
    registry.out
}
