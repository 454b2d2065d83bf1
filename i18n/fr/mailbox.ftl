# mailbox
mailbox-search-hint = Rechercher un message, un patient, un mot…
mailbox-folders = Dossiers
mailbox-write = Écrire
mailbox-here = Sur ce poste
mailbox-found = { $count ->
    [0] Aucun message trouvé
    [one] 1 message trouvé
   *[other] { $count } messages trouvés
}
mailbox-download-all = Télécharger les messages volumineux
conversation-group = Conversations
conversation-count = { $count } messages
conversation-position = Conversation : message { $at } sur { $count }
conversation-previous = Message précédent de la conversation
conversation-next = Message suivant de la conversation
conversation-unfold = Tout voir
conversation-fold = Replier
conversation-own = Moi
conversation-open = Ouvrir ce message
mailbox-found-archived = { $count ->
    [one] 1 autre message dans l’archive
   *[other] { $count } autres messages dans l’archive
 }
mailbox-found-none = Aucun message trouvé
mailbox-found-none-detail = 
    Essayez un autre mot, ou seulement le début d’un mot. Échap revient au dossier.
    { search-operators }
mailbox-folder-empty = Aucun message ici
mailbox-folder-empty-detail = Les messages reçus dans ce dossier s’afficheront ici.
mailbox-drafts-none = Aucun brouillon
mailbox-drafts-none-detail = Les messages que vous commencez, ici ou sur un autre poste, sont conservés ici.
mailbox-draft-nobody = (sans destinataire)
mailbox-draft-edit = Reprendre
mailbox-draft-drop = Supprimer le brouillon
mailbox-draft-conflict = deux versions
mailbox-draft-on-server = Enregistré { $when }, ici et sur le serveur.
mailbox-draft-here = Enregistré { $when } sur cet ordinateur. Il rejoindra le serveur à la prochaine synchronisation.
mailbox-draft-too-large = Enregistré { $when } sur cet ordinateur. Il y reste : avec ses fichiers il dépasse 40 Mo, trop pour le serveur.
mailbox-draft-conflict-what = Ce brouillon a été modifié aussi sur un autre poste.
mailbox-draft-conflict-advice = Les deux versions sont dans la liste : gardez celle qui convient et supprimez l’autre.
mailbox-no-subject = (sans objet)
mailbox-organisation = organisation
mailbox-laboratory = laboratoire
mailbox-pharmacy = pharmacie
mailbox-hospital = hôpital
mailbox-clinic = clinique
mailbox-answered = répondu
mailbox-alarm = Résultat critique
mailbox-kind-document = Document
mailbox-kind-hprim = HPRIM
mailbox-kind-receipt = Accusé
mailbox-reader-empty = Aucun message ouvert
mailbox-reader-empty-detail = Choisissez un message dans la liste.
mailbox-several = { $count ->
    [one] 1 message sélectionné
   *[other] { $count } messages sélectionnés
}
mailbox-reply-elsewhere = La réponse partirait à une autre adresse
mailbox-reply-elsewhere-detail = Le message vient de { $from }, mais une réponse irait à { $reply }. Vérifiez le destinataire avant de répondre.
mailbox-sender-verified = vérifié dans l’annuaire
mailbox-sender-patient = patient
mailbox-sender-unlisted = absent de l’annuaire
mailbox-sender-outside = domaine hors MSSanté
mailbox-sent = envoyé { $moment }
mailbox-received = reçu { $moment }
mailbox-to = à { $names }
mailbox-cc = copie à { $names }
mailbox-and-more = { $count ->
    [one] 1 autre
   *[other] { $count } autres
}
mailbox-receipt-asked = accusé de lecture demandé
mailbox-born = né(e) le { $date }
mailbox-born-f = née le { $date }
mailbox-born-m = né le { $date }
mailbox-patient-hint = Patient nommé dans l’objet : identité à vérifier avant de classer.
mailbox-move = Déplacer
mailbox-move-nowhere = Aucun dossier possible : les messages choisis viennent de plusieurs boîtes.
mailbox-tab-message = Message
mailbox-tab-text = Texte brut
mailbox-tab-source = Source
mailbox-text-cut = Message très long : la suite est dans l’onglet Texte brut.
mailbox-image-awaited = Image en cours de lecture…
mailbox-image-unreadable = Image illisible. Elle reste disponible dans la source.
mailbox-loading = Téléchargement en cours ({ $size })
mailbox-loading-detail = Le message s’affichera dès qu’il sera là.
mailbox-body-missing = Message pas encore téléchargé
mailbox-body-missing-detail = Seul son en-tête est sur cet ordinateur.
mailbox-body-asked-detail = Demandé. Il s’affichera dès que la connexion le permettra.
mailbox-download = Télécharger ({ $size })
mailbox-link-title = Ce lien mène à cette adresse. Estafette ne l’ouvre pas.
mailbox-link-host = Ce lien mène au site { $host }, hors de MSSanté. L’ouvrir ?
mailbox-link-browse = Ouvrir dans le navigateur
mailbox-link-copy = Copier l’adresse
mailbox-close = Fermer
mailbox-cancel = Annuler
mailbox-name-differs = Le nom affiché ne correspond pas à l’annuaire
mailbox-name-differs-detail = Le message se dit de « { $shown } », mais l’annuaire attribue cette adresse à { $real }.
mailbox-namesake = Ce n’est peut-être pas { $name }
mailbox-namesake-detail = Le message porte le nom de votre correspondant { $name }, mais vient d’une adresse que l’annuaire ne lui connaît pas : { $address }. Vérifiez par un autre moyen avant de répondre.
mailbox-save-one = Enregistrer { $name }
mailbox-save-all = Tout enregistrer
mailbox-saved = Enregistré
mailbox-not-saved = Le fichier n’a pas pu être enregistré
mailbox-delete-title = { $count ->
    [one] Supprimer définitivement ce message ?
   *[other] Supprimer définitivement { $count } messages ?
}
mailbox-delete-detail = Ils ne pourront pas être retrouvés, ni ici ni sur le serveur.
mailbox-delete-yes = Supprimer définitivement
mailbox-replace-title = Remplacer le fichier existant ?
mailbox-replace-detail = Un fichier porte déjà ce nom : { $path }
mailbox-replace-yes = Remplacer
mailbox-receipt-title = Accusé de lecture demandé
mailbox-receipt-detail = { $who } demande à savoir que vous avez lu ce message.
mailbox-receipt-send = Envoyer l’accusé
mailbox-receipt-decline = Ne pas envoyer
mailbox-copy = Copier
mailbox-marked-deleted = supprimé ailleurs
mailbox-shared = Dossiers partagés
mailbox-others = Dossiers d’autres personnes
mailbox-folder-read-only = lecture seule : vous n’avez pas le droit de modifier ce dossier
mailbox-folder-new = Nouveau dossier
mailbox-folder-change = Réglages du dossier
mailbox-folder-title = Dossier « { $name } »
mailbox-folder-export = Exporter les messages…
mailbox-folder-import = Importer des messages…
mailbox-folder-watch = Être averti tout de suite
mailbox-folder-watch-hint = Les nouveautés de ce dossier s’affichent dès leur arrivée, comme celles de la réception.
mailbox-folder-name = Nom du dossier
mailbox-folder-name-hint = « Biologie/2026 » range 2026 dans Biologie.
mailbox-folder-create = Créer
mailbox-folder-rename = Renommer
mailbox-folder-delete = Supprimer le dossier
mailbox-folder-delete-title = Supprimer le dossier « { $name } » ?
mailbox-folder-delete-detail = Ses messages vont dans la corbeille.
