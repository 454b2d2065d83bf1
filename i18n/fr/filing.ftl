# classement vers le logiciel du cabinet
filing-undone = Classement annulé : { $removed } fichiers retirés, { $gone } déjà pris par le logiciel, { $changed } modifiés et laissés en place.
filing-left = pas dans un format de la destination : { $title }
filing-already = déjà classé { $date } : { $path }
rule-preview = { $count ->
    [0] Aucun message ne serait concerné, sur { $looked } examinés.
    [one] 1 message serait concerné, sur { $looked } examinés.
   *[other] { $count } messages seraient concernés, sur { $looked } examinés.
 }

# réglages
filing-title = Classement vers le logiciel du cabinet
filing-detail = « Classer » écrit les documents d’un message dans ces dossiers, que votre logiciel relève.
filing-destination-add = Ajouter une destination…
filing-destination-new = Nouvelle destination
filing-destination-change = Modifier la destination
filing-edit = Modifier…
filing-remove = Supprimer
filing-save = Enregistrer
filing-browse = Parcourir…
filing-name = Nom
filing-name-hint = par exemple le nom du logiciel
filing-folder-of = Dossier
filing-pattern = Nom des fichiers
filing-pattern-fields = Champs : { $fields }
filing-pattern-length = Un modèle a de 1 à 200 caractères.
filing-pattern-brace = Une accolade est seule : écrivez par exemple { "{nom}" }.
filing-pattern-unknown = Le champ { "{" }{ $word }{ "}" } n’existe pas.
filing-pattern-character = Un nom de fichier ne peut pas contenir « { $c } ».
filing-pattern-fixed = Ajoutez au moins un champ, sinon tous les fichiers auraient le même nom.
filing-example-of = d’après le dernier document reçu : { $subject }
filing-example-invented = exemple avec un patient fictif
filing-formats = Ce qui est écrit de chaque message
filing-format-pdf = PDF
filing-format-cda = CDA (XML)
filing-format-xdm = archive XDM (ZIP)
filing-format-hprim = HPRIM
filing-format-eml = message entier (EML)
filing-usual = « Classer » écrit ici ; sinon, seulement par une règle
filing-on-request = par une règle seulement
filing-folder = Classés
filing-move = Déplacer les messages classés dans le dossier « { $folder } »
rule-title = Règles à l’arrivée
rule-detail = Appliquées une fois à chaque message qui arrive dans la boîte de réception, dans cet ordre.
rule-add = Ajouter une règle…
rule-new = Nouvelle règle
rule-change = Modifier la règle
rule-active = Règle en service
rule-raise = Avant la précédente
rule-name-hint = par exemple Biologie
rule-when = Si tout cela est vrai
rule-then = Alors
rule-sender = Expéditeur
rule-sender-hint = adresse, @domaine, ou nom du laboratoire
rule-patient = Patient
rule-patient-any = indifférent
rule-patient-with = patient identifié
rule-patient-without = sans patient
rule-file = Classer vers
rule-file-nowhere = ne pas classer
rule-mark = Marquer
rule-mark-none = selon le classement
rule-folder = Déplacer dans le dossier
rule-folder-hint = laisser vide pour ne pas déplacer
rule-alarm = Un résultat critique (LL, HH, AA) reste dans la boîte de réception tant que personne ne l’a vu.
rule-try = Essayer sur les messages présents
rule-trying = Examen des messages…
rule-preview-part = Tous les messages n’ont pas été examinés.
rule-save-also = { $count ->
    [one] Enregistrer et appliquer à ce message
   *[other] Enregistrer et appliquer à ces { $count } messages
 }
rule-when-sender = de { $sender }
rule-then-file = classer vers { $folder }
rule-then-keyword = marquer { $keyword }
rule-then-move = déplacer dans { $folder }
rule-subject-biology = biologie
rule-subject-imaging = imagerie
rule-subject-hospital = lettre d’hôpital
rule-subject-consultation = consultation
rule-subject-prescription = ordonnance
rule-subject-summary = synthèse (VSM)
rule-subject-health-document = tout document de santé
rule-subject-pdf = PDF
rule-subject-letter = texte seul

# lecture et messages au bas de la fenêtre
cmd-file = Classer
mailbox-filed = classé { $moment } · { $folder }
mailbox-filed-by-rule = classé par une règle { $moment } · { $folder }
mailbox-file-again = Classer de nouveau
mailbox-file-again-title = { $count ->
    [one] Déjà classé
   *[other] { $count } messages déjà classés
 }
mailbox-file-again-detail = Ce document a été classé { $moment } dans « { $path } ». Le classer de nouveau en fera une seconde copie si votre logiciel l’a déjà relevé.
notice-filed = { $count ->
    [one] 1 message classé · { $folder }
   *[other] { $count } messages classés · { $folder }
 }
notice-filed-nowhere = { $count ->
    [one] 1 message marqué classé. Aucun dossier de dépôt n’est choisi dans les réglages.
   *[other] { $count } messages marqués classés. Aucun dossier de dépôt n’est choisi dans les réglages.
 }
notice-filed-in-part = { $count ->
    [0] Rien n’a été écrit : le message reste à classer. Dans aucun format choisi :
    [one] 1 fichier écrit, mais le message reste à classer. Dans aucun format choisi :
   *[other] { $count } fichiers écrits, mais le message reste à classer. Dans aucun format choisi :
 }
notice-unfiled = Classement annulé
notice-unfiled-gone = Classement annulé ; des fichiers avaient déjà été pris par votre logiciel
notice-unfiled-changed = Classement annulé ; des fichiers modifiés entre-temps restent en place
trouble-rules = Règles de classement
trouble-rules-retry = Réessayer
trouble-rules-failed = { $count ->
    [one] 1 message n’a pas pu être classé
   *[other] { $count } messages n’ont pas pu être classés
 }
trouble-rule = Règle « { $rule } » : { $why }

err-filing-name = Ce nom ne convient pas.
rec-filing-name = Donnez un nom court, sans caractère spécial.
err-filing-no-format = Aucun format n’est choisi.
rec-filing-no-format = Cochez au moins un format, par exemple PDF.
err-nothing-to-file = Ce message n’apporte rien dans les formats de la destination : il n’est pas classé.
rec-nothing-to-file = Ajoutez un format à la destination dans les réglages, par exemple « message entier (EML) ».
err-deposit-missing = Le dossier « { $folder } » est introuvable.
rec-deposit-missing = Vérifiez que le lecteur réseau est connecté, ou choisissez un autre dossier dans les réglages. Rien n’est perdu : ce qui n’a pas été classé reste à classer.
err-deposit-denied = Le dossier « { $folder } » refuse l’écriture.
rec-deposit-denied = Demandez le droit d’y écrire à qui gère ce dossier. Rien n’est perdu : ce qui n’a pas été classé reste à classer.
err-deposit-full = Il n’y a plus de place dans « { $folder } ».
rec-deposit-full = Libérez de la place, puis recommencez. Rien n’est perdu : ce qui n’a pas été classé reste à classer.
err-deposit-gone = Le dossier « { $folder } » ne répond plus.
rec-deposit-gone = Vérifiez le réseau ou le disque, puis recommencez. Rien n’est perdu : ce qui n’a pas été classé reste à classer.
err-deposit-slow = Le dossier « { $folder } » ne répond pas.
rec-deposit-slow = Vérifiez que le serveur du cabinet est allumé, puis recommencez. Rien n’est perdu : ce qui n’a pas été classé reste à classer.
err-deposit-crowded = Trop de fichiers portent déjà ce nom dans « { $folder } ».
rec-deposit-crowded = Videz ce dossier, ou ajoutez { "{date}" } ou { "{id}" } au modèle de nom.
err-deposit-relative = « { $folder } » n’est pas un chemin complet.
rec-deposit-relative = Choisissez le dossier avec « Parcourir ».
err-destination-gone = Cette destination n’existe plus.
rec-destination-gone = Choisissez-en une autre dans les réglages.
err-destination-in-use = La règle « { $rule } » classe vers cette destination.
rec-destination-in-use = Modifiez ou supprimez d’abord cette règle.
err-rule-gone = Cette règle n’existe plus.
rec-rule-gone = Relisez la liste des règles.
err-rule-no-condition = La règle prendrait tous les messages.
rec-rule-no-condition = Indiquez un expéditeur, un type de document ou la présence d’un patient.
err-rule-no-action = La règle ne fait rien.
rec-rule-no-action = Choisissez une destination, une marque ou un dossier.
err-rule-keyword = Cette marque ne peut pas être gardée par un serveur.
rec-rule-keyword = Utilisez des lettres sans accent et des chiffres, sans espace.
err-xdm-pdf-only = Seuls des PDF peuvent être envoyés en XDM.
rec-xdm-pdf-only = Joignez au moins un PDF, et retirez les autres fichiers.

# demandes d’autres logiciels, par un lien estafette:
notice-link-waits = Un logiciel demande quelque chose : ouvrez la messagerie, sa demande suivra.
request-title = Un autre logiciel propose d’écrire un message
request-detail = Rien n’est envoyé sans vous. Vérifiez les destinataires et les fichiers avant de continuer.
request-to = À : { $value }
request-subject = Objet : { $value }
request-write = Écrire
request-write-with = Écrire avec ces fichiers
request-write-without = Écrire sans les fichiers
request-patient = Patient : { $facts }
request-ins = INS { $ins }
err-link-refused = Ce lien n’est pas une demande que le programme connaît : rien n’a été fait.
rec-link-refused = Si vous ne l’avez pas demandé vous-même, ignorez-le. Sinon, signalez-le à l’éditeur de votre logiciel.
err-link-field-refused = Ce lien a été refusé : « { $field } » ne convient pas.
rec-link-field-refused = Si vous ne l’avez pas demandé vous-même, ignorez-le. Sinon, signalez-le à l’éditeur de votre logiciel.
err-file-not-offered = « { $path } » ne sera pas joint : ce n’est pas un fichier ordinaire de votre session.
rec-file-not-offered = Joignez vous-même le fichier si vous le souhaitez.
err-program-silent = Estafette est ouvert, mais ne répond pas à cette demande.
rec-program-silent = Fermez-le, puis recommencez.
err-program-missing = Le programme n’a pas été trouvé à côté de estafettectl.
rec-program-missing = Ouvrez Estafette, puis recommencez.

# composer: documents d’un patient en XDM
composer-xdm = Envoyer en XDM…
composer-xdm-title = Envoyer les PDF comme documents d’un patient
composer-xdm-detail = Chaque PDF est mis dans l’archive IHE_XDM.zip et reste joint à côté. L’objet et les noms deviennent ceux que demande MSSanté.
composer-xdm-patient = Patient
composer-xdm-patient-hint = nom, date de naissance ou INS
composer-xdm-nobody = Aucun patient connu à ce nom.
composer-xdm-incomplete = identité incomplète : INS, nom, prénom, date et sexe sont nécessaires
composer-xdm-choose = Choisir
composer-xdm-about = Documents de { $name } en XDM
composer-xdm-about-detail = Vérifiez que les fichiers joints concernent bien ce patient.
