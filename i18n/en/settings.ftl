# Settings.
settings-title = Settings
settings-language = Language
settings-theme = Appearance
settings-theme-light = Light
settings-theme-dark = Dark
settings-theme-system = As the system
settings-text-size = Text size
settings-percent = { $n }%
settings-send-delay = Time to cancel a sending
settings-seconds = { $n } s
settings-minutes = { $n } min
settings-idle = Lock when left alone for
settings-no-delay = none
settings-next-start = Takes effect at the next start.
settings-card = Card
settings-module = Path of the card’s software (empty: found by itself)
settings-module-default = found by itself
settings-accounts = Mailboxes
settings-accounts-none = No mailbox is set up.
settings-account-check = Check
settings-account-remove = Remove
settings-account-remove-question = Remove { $address } from this computer?
settings-account-remove-detail = Its messages and drafts are deleted from this computer. Nothing is deleted on the server.
settings-account-checking = Checking…
settings-account-ok = Reading and sending work ({ $imap } s, { $smtp } s).
settings-auth-card = CPS card
settings-auth-password = password
settings-auth-psc = Pro Santé Connect
settings-auth-certificate = software certificate
settings-annuaire = Directory
settings-annuaire-none = The directory is not loaded.
settings-annuaire-loaded = { $people } people and services, { $mailboxes } addresses
settings-annuaire-date = data of { $date }
settings-annuaire-imported = loaded { $moment }
settings-annuaire-bad = { $count ->
    [one] { $count } unreadable line
   *[other] { $count } unreadable lines
 }
settings-annuaire-url = Internet address of the extraction
settings-annuaire-file = Load a file…
settings-annuaire-download = Download
settings-annuaire-loading = Loading. The old directory serves until the end.
settings-cancel = Cancel
