//! French medical prose for fictitious letters.

use super::chance::Chance;
use super::patient::civil;
use crate::health::document::Patient;

/// What varies in the letters of a specialty.
pub(super) struct Specialty {
    pub(super) code: &'static str,
    pub(super) titles: &'static [&'static str],
    reasons: &'static [&'static str],
    findings: &'static [&'static str],
    conclusions: &'static [&'static str],
}

#[rustfmt::skip]
const SPECIALTIES: &[Specialty] = &[
    Specialty { code: "SM04", titles: &["CR de consultation", "Échographie cardiaque", "Épreuve d'effort", "Holter ECG"],
        reasons: &["un bilan de dyspnée d'effort de stade II", "le suivi de sa fibrillation atriale paroxystique", "des palpitations survenant au repos depuis trois semaines", "la surveillance annuelle de sa cardiopathie ischémique", "une douleur thoracique atypique"],
        findings: &["L'électrocardiogramme inscrit un rythme sinusal à 68/min, PR 170 ms, QRS fins, sans trouble de la repolarisation.", "L'échographie retrouve une fraction d'éjection à 58 %, un ventricule gauche non dilaté et des pressions de remplissage normales.", "La tension artérielle est à 148/86 mmHg, confirmée par automesure.", "L'épreuve d'effort, maximale, est négative sur le plan clinique et électrique à 92 % de la fréquence maximale théorique.", "Le Holter montre de rares extrasystoles auriculaires isolées, sans pause significative."],
        conclusions: &["Je propose de majorer le bisoprolol à 2,5 mg par jour et de contrôler la tension dans un mois.", "Pas de modification du traitement anticoagulant ; surveillance de la fonction rénale dans trois mois.", "Le bilan est rassurant. Je le reverrai dans un an.", "Une coronarographie est programmée le mois prochain, je vous tiendrai informée."] },
    Specialty { code: "SM44", titles: &["IRM du genou", "Radiographie thoracique", "Échographie abdominale", "Scanner thoraco-abdominal", "IRM lombaire"],
        reasons: &["des gonalgies mécaniques", "une toux persistante", "des douleurs de l'hypochondre droit", "un bilan d'extension", "une lombosciatique L5 gauche"],
        findings: &["Fissure horizontale de la corne postérieure du ménisque interne, grade 3, sans anse de seau.", "Ligaments croisés continus. Épanchement articulaire de faible abondance.", "Pas de foyer parenchymateux ni d'épanchement pleural. Silhouette cardiomédiastinale normale.", "Vésicule alithiasique, voies biliaires fines. Foie de taille normale, stéatosique.", "Discopathie L4-L5 avec protrusion postéro-latérale gauche au contact de la racine L5."],
        conclusions: &["Méniscopathie interne dégénérative. Avis orthopédique à discuter si échec du traitement médical.", "Examen sans anomalie significative.", "Conflit disco-radiculaire L5 gauche concordant avec la clinique.", "Stéatose hépatique sans autre anomalie ; contrôle biologique conseillé."] },
    Specialty { code: "SM40", titles: &["Avis pédiatrique", "Suivi de croissance", "Consultation d'allergologie"],
        reasons: &["un avis sur des épisodes de bronchite sifflante", "un infléchissement de la courbe de poids", "une suspicion d'allergie à l'arachide"],
        findings: &["L'examen est normal, bon état général, poids et taille sur la médiane.", "L'auscultation retrouve quelques sibilants expiratoires bilatéraux sans signe de lutte.", "Le développement psychomoteur est conforme à l'âge ; vaccinations à jour.", "Les prick-tests sont positifs à l'arachide (6 mm) et négatifs aux autres fruits à coque."],
        conclusions: &["Traitement de fond par fluticasone 50 µg deux fois par jour avec chambre d'inhalation, réévaluation à trois mois.", "Pas d'exploration complémentaire à ce stade, pesée mensuelle.", "Éviction, trousse d'urgence prescrite, projet d'accueil individualisé rempli."] },
    Specialty { code: "SM15", titles: &["CR de consultation", "Résultat d'exérèse"],
        reasons: &["le contrôle de nævus multiples", "une dermatose prurigineuse des plis", "une lésion croûteuse de la tempe"],
        findings: &["En dermoscopie, les lésions sont de réseau régulier, sans critère péjoratif.", "Lésion de 7 mm, perlée, télangiectasique, évocatrice de carcinome basocellulaire.", "Plaques érythémato-squameuses bien limitées des coudes et des genoux."],
        conclusions: &["Contrôle annuel, photoprotection.", "Exérèse programmée sous anesthésie locale.", "Dermocorticoïde d'activité forte une fois par jour pendant trois semaines puis décroissance."] },
    Specialty { code: "SM24", titles: &["CR de coloscopie", "CR de consultation", "Fibroscopie œsogastroduodénale"],
        reasons: &["une anémie ferriprive", "un dépistage après test immunologique positif", "des épigastralgies rebelles"],
        findings: &["Coloscopie complète, préparation de bonne qualité (Boston 8). Deux polypes sessiles de 5 mm réséqués à l'anse froide.", "Gastrite antrale érythémateuse, biopsies réalisées à la recherche d'Helicobacter pylori.", "Absence de lésion muqueuse suspecte."],
        conclusions: &["Prochaine coloscopie dans cinq ans sous réserve de l'histologie.", "Inhibiteur de la pompe à protons quatre semaines, résultats histologiques à suivre.", "Supplémentation martiale orale et contrôle de la ferritine à trois mois."] },
    Specialty { code: "", titles: &["CR de consultation", "Avis spécialisé", "Courrier de suivi"],
        reasons: &["un avis", "le suivi de sa pathologie chronique", "une aggravation récente des symptômes", "un bilan avant intervention"],
        findings: &["L'examen clinique est stable par rapport à la consultation précédente.", "Les examens complémentaires que vous aviez demandés sont sans particularité.", "La tolérance du traitement est bonne, l'observance satisfaisante.", "On note une nette amélioration des douleurs, cotées à 2/10."],
        conclusions: &["Je ne modifie pas le traitement et propose de le revoir dans six mois.", "Un complément d'imagerie a été demandé, je vous en communiquerai le résultat.", "Poursuite de la rééducation, vingt séances prescrites.", "Merci de contrôler la kaliémie et la créatinine dans quinze jours."] },
];

/// The phrases of a specialty code.
pub(super) fn specialty(code: &str) -> &'static Specialty {
    const GENERAL: Specialty =
        Specialty { code: "", titles: &["Courrier"], reasons: &[], findings: &[], conclusions: &[] };
    SPECIALTIES.iter().find(|s| s.code == code).or(SPECIALTIES.last()).unwrap_or(&GENERAL)
}

/// A consultation letter, without signature. Returns its paragraphs.
pub(super) fn letter(
    s: &Specialty,
    patient: &Patient,
    owner: &str,
    year: u16,
    chance: &mut Chance,
) -> Vec<String> {
    let who = format!("{} {} {}", civil(patient, year), patient.given_name, patient.birth_name);
    let e = if patient.female { "e" } else { "" };
    let opening = [
        format!(
            "J'ai reçu en consultation {who}, né{e} le {}, pour {}.",
            patient.birth_date(),
            chance.line(s.reasons)
        ),
        format!(
            "Merci de m'avoir adressé {who} (né{e} le {}) pour {}.",
            patient.birth_date(),
            chance.line(s.reasons)
        ),
        format!(
            "Je revois ce jour {who}, né{e} le {}, dans le cadre suivant : {}.",
            patient.birth_date(),
            chance.line(s.reasons)
        ),
    ];
    let at = chance.index(opening.len());
    let mut out = vec![greeting(owner, chance), opening.into_iter().nth(at).unwrap_or_default()];
    let first = chance.index(s.findings.len());
    let count = 1 + chance.index(3);
    out.push(
        s.findings
            .iter()
            .cycle()
            .skip(first)
            .take(count.min(s.findings.len()))
            .copied()
            .collect::<Vec<_>>()
            .join(" "),
    );
    if chance.percent(40) {
        out.push(chance.line(HISTORY).to_owned());
    }
    out.push(format!("Au total : {}", chance.line(s.conclusions)));
    out.push(chance.line(CLOSINGS).to_owned());
    out
}

const HISTORY: &[&str] = &[
    "Antécédents : hypertension artérielle traitée, dyslipidémie, appendicectomie. Pas d'allergie médicamenteuse connue.",
    "Traitement habituel : ramipril 5 mg, atorvastatine 20 mg, acide acétylsalicylique 75 mg.",
    "Antécédents familiaux : père opéré d'un anévrisme de l'aorte abdominale. Tabagisme sevré depuis 2019 (20 paquets-années).",
    "Diabète de type 2 connu depuis huit ans, sous metformine 1 g deux fois par jour, dernière HbA1c à 7,1 %.",
    "Allergie déclarée à l'amoxicilline (éruption dans l'enfance), non explorée.",
];

const CLOSINGS: &[&str] = &[
    "Bien confraternellement,",
    "Je reste à votre disposition et vous prie de croire, chère consœur, en l'assurance de mes sentiments confraternels.",
    "Merci de votre confiance. Bien cordialement,",
    "Avec mes salutations confraternelles les meilleures,",
];

fn greeting(owner: &str, chance: &mut Chance) -> String {
    match chance.below(3) {
        0 => "Chère consœur, cher confrère,".to_owned(),
        1 => "Cher Docteur,".to_owned(),
        _ => format!("Bonjour {owner},"),
    }
}

/// Paragraphs of a hospital discharge letter.
pub(super) fn discharge(patient: &Patient, chance: &mut Chance) -> Vec<String> {
    let e = if patient.female { "e" } else { "" };
    let reason = chance.line(&[
        "une pneumopathie communautaire du lobe inférieur droit",
        "une décompensation cardiaque sur passage en fibrillation atriale",
        "un malaise avec perte de connaissance brève",
        "une gastro-entérite aiguë avec déshydratation modérée",
        "une fracture du col du fémur opérée",
        "une pyélonéphrite aiguë non compliquée",
    ]);
    let evolution = chance.line(&[
        "L'évolution est favorable sous traitement, apyrexie obtenue à 48 heures.",
        "La surveillance scopée de 24 heures n'a pas montré de trouble du rythme.",
        "Réhydratation intraveineuse puis reprise progressive de l'alimentation, bien tolérée.",
        "Suites simples, lever au premier jour, marche avec aide technique.",
    ]);
    let plan = chance.line(&[
        "Amoxicilline 1 g trois fois par jour jusqu'à sept jours au total, radiographie de contrôle à six semaines.",
        "Furosémide 40 mg le matin, pesée quotidienne, ionogramme dans huit jours.",
        "Pas de nouveau traitement. Consultation auprès du médecin traitant dans la semaine.",
        "Soins infirmiers et anticoagulation préventive jusqu'à la reprise de la marche.",
    ]);
    vec![
        format!(
            "Patient{e} {} {}, né{e} le {}.",
            patient.birth_name,
            patient.given_name,
            patient.birth_date()
        ),
        format!("Hospitalisé{e} pour {reason}."),
        evolution.to_owned(),
        format!("À la sortie : {plan}"),
        "Aucun résultat d'examen en attente à ce jour.".to_owned(),
    ]
}

/// A short exchange about a patient.
pub(super) fn question(patient: &Patient, chance: &mut Chance) -> String {
    let subject = format!("{} {}", patient.given_name, patient.birth_name);
    let text = chance.line(&[
        "Pourriez-vous me préciser la date du dernier rappel vaccinal ?",
        "Je souhaiterais votre avis avant d'introduire un anticoagulant oral direct.",
        "Pouvez-vous la recevoir dans un délai de quinze jours ? La gêne s'aggrave.",
        "Avez-vous reçu le compte rendu de l'échographie ? Il ne m'est pas parvenu.",
        "Le traitement a-t-il été modifié à la sortie d'hospitalisation ?",
    ]);
    format!(
        "Bonjour,\n\nAu sujet de notre patient(e) commun(e) {subject} ({}) :\n{text}\n\nMerci d'avance.",
        patient.birth_date()
    )
}

/// Lines for pharmacists.
pub(super) fn intervention(patient: &Patient, chance: &mut Chance) -> String {
    let problem = chance.line(&[
        "Posologie inhabituelle : metformine 1000 mg quatre fois par jour. Proposition : trois prises, sous réserve de la clairance.",
        "Association contre-indiquée : clarithromycine et simvastatine. Proposition : suspendre la statine pendant l'antibiothérapie.",
        "Redondance : ibuprofène sur votre ordonnance et kétoprofène d'un confrère.",
        "Rupture d'approvisionnement : amoxicilline 250 mg/5 mL. Proposition : 125 mg/5 mL à volume double.",
        "Surdosage possible en paracétamol (4,5 g par jour toutes spécialités confondues) chez une personne de moins de 50 kg.",
    ]);
    format!(
        "Docteur,\n\nLors de la dispensation pour {} {} ({}), nous avons relevé le point suivant :\n\n{problem}\n\nMerci de nous indiquer votre décision : accord / maintien / autre.\n\nBien cordialement,",
        patient.birth_name,
        patient.given_name,
        patient.birth_date()
    )
}

/// A nurse's follow-up.
pub(super) fn follow_up(patient: &Patient, chance: &mut Chance) -> String {
    let state = chance.line(&[
        "Plaie de 4 × 2,5 cm, fond fibrineux 30 %, bourgeonnement 70 %, exsudat modéré, pas d'odeur.",
        "Bonne évolution, berges nettes, 3 × 1,5 cm ce jour. Pansement hydrocellulaire tous les trois jours.",
        "Rougeur péri-lésionnelle de 1 cm, chaleur locale, température à 37,9 °C. Merci de votre avis.",
        "Tension 152/88, pouls 76, poids 71,4 kg (+ 1,2 kg en une semaine), œdèmes des chevilles.",
        "Glycémies capillaires entre 1,10 et 1,85 g/L, pas d'hypoglycémie signalée.",
    ]);
    format!(
        "Bonjour Docteur,\n\nSuivi de {} {} ({}) :\n{state}\n\nBonne journée.",
        patient.birth_name,
        patient.given_name,
        patient.birth_date()
    )
}

/// What a patient writes.
pub(super) fn patient_message(chance: &mut Chance) -> String {
    let text = chance.line(&[
        "Depuis la consultation j'ai commencé le nouveau médicament et j'ai des vertiges le matin en me levant. Dois-je continuer ?",
        "Pouvez-vous me renvoyer l'ordonnance pour la kinésithérapie ? Je ne la retrouve plus.",
        "J'ai reçu les résultats de la prise de sang, est-ce que je dois prendre rendez-vous ?",
        "La fièvre est revenue hier soir à 38,5. Faut-il que je revienne vous voir ?",
    ]);
    format!("Bonjour Docteur,\n\n{text}\n\nMerci beaucoup.")
}

/// Subject and text of a notice to everybody.
pub(super) fn notice(chance: &mut Chance) -> (&'static str, &'static str) {
    const NOTICES: &[(&str, &str)] = &[
        (
            "Épidémie de rougeole : rappel des conduites à tenir",
            "Plusieurs cas groupés ont été signalés dans le département. Il est rappelé que la rougeole est à déclaration obligatoire et que la vaccination des sujets contacts est possible dans les 72 heures.",
        ),
        (
            "Campagne de vaccination antigrippale",
            "La campagne débute la semaine prochaine. Les bons de prise en charge sont disponibles sur votre espace habituel.",
        ),
        (
            "Permanence des soins : tableau de garde",
            "Le tableau de garde du trimestre est consultable auprès de la coordination. Merci de signaler tout échange avant le 15.",
        ),
        (
            "Plan canicule : niveau de vigilance",
            "Le niveau 2 est activé. Une attention particulière est demandée pour les personnes âgées isolées.",
        ),
    ];
    NOTICES.get(chance.index(NOTICES.len())).copied().unwrap_or(("Information", "Information."))
}
