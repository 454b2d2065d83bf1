# --- comptes à côté des résultats d’une recherche ---
found-near = { $count ->
    [one] dont 1 par une autre forme d’un mot
   *[other] dont { $count } par une autre forme d’un mot
}
facet-state = État
facet-unread = Non lus
facet-abnormal = Résultats anormaux
facet-attachment = Avec pièce jointe
facet-topic = Type
facet-patient = Patient
facet-sender = Expéditeur
facet-date = Date
facet-days = { $count } derniers jours
facet-counted = Comptes sur les { $count } messages les plus récents
topic-biology = Biologie
topic-imaging = Imagerie
topic-prescription = Ordonnance
topic-hospital = Hospitalisation
topic-consultation = Consultation
topic-summary = Synthèse, vaccination
topic-document = Autre document
topic-letter = Lettre
topic-receipt = Accusé

# --- chercher dans le message ouvert ---
find-hint = Chercher dans ce message
find-none = Aucune occurrence
find-position = { $at } sur { $count }

# --- opérateurs de recherche : montrés sous le champ ---
search-operators =
    Pour préciser :
    de:martin · à:leroy · objet:sortie · patient:durand
    type:biologie · anormal · non-lu · avec:pj
    avant:01/03/2026 · après:2026-02 · date:2026-02
    entre:01/02/2026..15/02/2026 · dans:labo
    "mots exacts" · sans un mot : -mot
