//! The white list of the trust space, as the XML file of `espacedeconfiance.mssante.fr`.

use std::fmt::Write as _;

/// Domains of people who wrote the seeded mail and are in no directory: they can be answered.
pub const CORRESPONDENTS: &[&str] =
    &["patient.mssante.example", "reseau.mssante.example", "soignant.mssante.example"];

/// The XML text; `made` is its generation date.
pub fn text(domains: &[String], made: &jiff::Timestamp) -> String {
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <ListeBlanche xmlns=\"https://listeblanche.mssante.fr/schema\">\n  \
         <DateDeGeneration>{made}</DateDeGeneration>\n"
    );
    for domain in domains {
        let _ = write!(
            xml,
            "  <Domaine>\n    <Nom>{domain}</Nom>\n    <Description>Domaine fictif {domain}</Description>\n    \
             <DNCertificatOperateur>CN={domain},OU=0002 000000000,O=OPERATEUR DE TEST,ST=Isère (38),C=FR\
             </DNCertificatOperateur>\n    \
             <ResponsableContact>responsable@{domain}</ResponsableContact>\n    \
             <SupportContact>support@{domain}</SupportContact>\n    <DateMAJ>{made}</DateMAJ>\n  </Domaine>\n"
        );
    }
    xml + "</ListeBlanche>\n"
}
