# annuaire
annuaire-title = Directory
annuaire-hint = Name, specialty, town…
annuaire-data-date = data of { $date }
annuaire-data-undated = undated data
annuaire-none-loaded = directory not loaded
annuaire-blank = Look for a colleague or a service
annuaire-blank-detail = Type the starts of words, in any order: “mart cardio lyon”.
annuaire-nobody = Nobody of this name
annuaire-nobody-detail = The person may be on the red list: if you know the address, type it in full.
annuaire-write-to = Write to { $address }
annuaire-more = There are more results: narrow the search.
annuaire-close = Close
annuaire-rpps = RPPS { $rpps }
annuaire-rpps-end = RPPS …{ $end }
annuaire-mailboxes = { $count ->
    [one] 1 mailbox
   *[other] { $count } mailboxes
}
annuaire-organisation = organisational mailbox
annuaire-paperless = accepts paperless documents
annuaire-kind-personal = personal
annuaire-kind-organisation = organisational
annuaire-kind-application = applicative
annuaire-kind-practice = practice
annuaire-copy = Copy the address
annuaire-copied = Address copied
annuaire-write = Write
annuaire-foot = Not found? The correspondent may be on the red list: type the address.
annuaire-key-enter = Enter
annuaire-near = Near spelling
