transfer-export = { $count ->
    [one] Exporter ce message
   *[other] Exporter { $count } messages
 }
transfer-export-folder = Exporter le dossier « { $folder } »
transfer-export-patient = Exporter le dossier de { $patient }
transfer-import = Importer des messages dans « { $folder } »
transfer-name = Messages
transfer-eml = Message (EML)
transfer-eml-detail = Le message tel qu’il a été reçu, avec ses pièces jointes.
transfer-eml-folder = Un fichier par message (EML)
transfer-eml-folder-detail = Un nouveau dossier, avec chaque message tel qu’il a été reçu.
transfer-mbox = Un seul fichier (mbox)
transfer-mbox-detail = Lu par Thunderbird et la plupart des logiciels de messagerie.
transfer-patients = Archive par patient (ZIP)
transfer-patients-detail = Un dossier par patient, avec ses messages et ses documents, et un sommaire.
transfer-clear = Ces fichiers ne sont pas chiffrés : rangez-les en lieu sûr.
transfer-files = Des fichiers
transfer-files-detail = EML, mbox, ou archives ZIP qui en contiennent.
transfer-folder = Un dossier
transfer-folder-detail = Un dossier de fichiers EML.
transfer-progress = { $done } sur { $total }
transfer-exported = { $count ->
    [one] 1 message exporté ({ $size })
   *[other] { $count } messages exportés ({ $size })
 }
transfer-exported-detail = { $path }
transfer-imported = { $count ->
    [0] Aucun message ajouté
    [one] 1 message ajouté
   *[other] { $count } messages ajoutés
 }
transfer-imported-detail = Ils sont transmis au serveur dès que possible.
transfer-duplicates = { $count ->
    [one] 1 message était déjà dans cette boîte.
   *[other] { $count } messages étaient déjà dans cette boîte.
 }
transfer-unreadable = { $count ->
    [one] 1 fichier n’est pas un message.
   *[other] { $count } fichiers ne sont pas des messages.
 }
transfer-too-large = { $count ->
    [one] 1 message est trop gros.
   *[other] { $count } messages sont trop gros.
 }
transfer-close = Fermer

file-choice-file = Choisir un fichier
file-choice-folder = Choisir un dossier
file-choice-place = Enregistrer
file-choice-why = Cet ordinateur n’a pas de fenêtre système pour choisir un fichier (ni portail de bureau, ni zenity) : choisissez ici.
file-choice-path = Chemin
file-choice-new = Chemin et nom du fichier
file-choice-up = Dossier parent
file-choice-take = Choisir ce fichier
file-choice-take-folder = Choisir ce dossier
file-choice-save = Enregistrer
file-choice-no-folder = Ce dossier n’existe pas.
file-choice-no-file = Ce fichier n’existe pas.
file-choice-taken = Ce nom est déjà pris : donnez-en un autre, rien n’est remplacé.
file-choice-no-name = Donnez un nom au fichier.
