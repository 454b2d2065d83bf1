# First start and lock screen.
welcome-reading = Lecture de la carte…
welcome-expired = expirée le { $day }
welcome-expires = expire le { $day }
welcome-card-number = carte …{ $end }
welcome-expires-soon = { $days ->
    [0] Votre carte expire aujourd’hui.
    [one] Votre carte expire demain.
   *[other] Votre carte expire dans { $days } jours.
 }
welcome-expires-soon-advice = Vérifiez que la nouvelle carte a été demandée à l’ANS.
welcome-rpps = RPPS { $number }
welcome-staff-id = identifiant { $number }
welcome-choose = Quelle carte utiliser ?
welcome-choose-advice = Le choix est retenu. Flèches et Entrée, ou un clic.
welcome-other-card = Une autre carte est dans « { $reader } ».
welcome-use-other = Utiliser l’autre carte
welcome-card-unread = carte non lue
welcome-unblock = Débloquer la carte…
welcome-unblock-puk = Code de secours (8 chiffres)
welcome-unblock-pin = Nouveau code porteur (4 chiffres)
welcome-unblock-again = Le nouveau code, encore une fois
welcome-unblock-next = Continuer
welcome-unblock-cancel = Annuler
welcome-unblock-differs = Les deux nouveaux codes diffèrent.
welcome-unblock-warning = Les essais du code de secours sont limités : une carte qui les a épuisés est perdue.
welcome-unblock-done = Carte débloquée. Saisissez votre nouveau code.
welcome-pin-label = Code porteur à 4 chiffres
welcome-pin-on-reader = Saisissez votre code sur le clavier du lecteur.
welcome-pin-start = Saisir sur le lecteur
welcome-open = Ouvrir
welcome-opening = Ouverture…
welcome-tries-low = Un code incorrect a déjà été saisi.
welcome-tries-low-advice = Après 3 codes incorrects, la carte se bloque.
welcome-tries-last = Dernier essai.
welcome-tries-last-advice = Un nouveau code incorrect bloque la carte.
welcome-lock-hint = Retirer la carte verrouille l’écran.
welcome-offline = Lire hors ligne
welcome-without-card = Ouvrir sans carte
welcome-add = Ajouter une boîte sans carte
welcome-recovery = Code de récupération
welcome-recovery-label = Code de récupération : 7 groupes de 5 caractères
welcome-recovery-detail = Il est sur la page imprimée à sa création. Majuscules, espaces et tirets ne comptent pas.
welcome-recovery-card = Carte renouvelée : saisissez ce code, puis le code porteur ci-dessous. Sans la carte, ce code ouvre en lecture.
welcome-recovery-open = Lire avec ce code
welcome-practice = Découvrir sans carte
welcome-trouble = La carte n’est pas reconnue ?
welcome-mailbox-search = Recherche de votre boîte dans l’annuaire…
welcome-mailbox-one = Votre boîte : { $address }
welcome-mailbox-several = Boîtes trouvées dans l’annuaire
welcome-mailbox-no-servers = serveurs inconnus : demandez-les à votre opérateur
welcome-annuaire-empty = L’annuaire n’est pas encore chargé.
welcome-annuaire-empty-detail = Il sert à trouver votre boîte et vos correspondants.
welcome-annuaire-file = Charger un fichier
welcome-annuaire-loading = Chargement de l’annuaire… vous pouvez continuer.
welcome-pin-practice = Code porteur de la carte fictive : 1234
welcome-set-aside = Mettre de côté et recommencer
welcome-set-aside-done = Données mises de côté. Saisissez de nouveau le code.
