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
annuaire-me = My entry
annuaire-me-right = Your entry is complete.
annuaire-me-right-detail = Colleagues find you by name, specialty and town.
annuaire-data-old = { $days } days old: addresses may be outdated
annuaire-only-everybody = All
annuaire-only-people = People
annuaire-only-services = Services
annuaire-widen = No longer only “{ $label }”
annuaire-near-me = My department
annuaire-import-receiving = { $percent ->
    [unknown] Update: downloading. The old directory serves meanwhile.
   *[other] Update: downloading { $percent } %. The old directory serves meanwhile.
}
annuaire-import-reading = { $percent ->
    [unknown] Update: reading. The old directory serves meanwhile.
   *[other] Update: reading { $percent } %. The old directory serves meanwhile.
}
annuaire-import-indexing = { $percent ->
    [unknown] Update: sorting. The old directory serves meanwhile.
   *[other] Update: sorting { $percent } %. The old directory serves meanwhile.
}
annuaire-import-cancel = Stop
annuaire-not-loaded = The directory is not loaded yet
annuaire-not-loaded-detail = It is downloaded, or loaded from a file, in the settings. An address typed in full is enough to write.
annuaire-load = Load the directory
annuaire-groups = Groups
annuaire-favourites = Favourites
annuaire-recent = Latest recipients
annuaire-members = { $count ->
    [one] 1 member
   *[other] { $count } members
}
annuaire-favourite = favourite
annuaire-used = written to
annuaire-gone = not in the directory
annuaire-unlisted = outside the directory
annuaire-favour = Add to favourites
annuaire-unfavour = Favourite
annuaire-gone-address = { $address } is no longer in the directory.
annuaire-gone-since = Missing since the data of { $date }: the mailbox was closed, renamed or put on the red list. Check with the correspondent.
annuaire-preferred = preferred
annuaire-preferred-for = preferred for “{ $kind }”
annuaire-prefer = Prefer for…
annuaire-prefer-any = everything
annuaire-prefer-detail = Write to this mailbox by default, by what the message brings:
annuaire-preferred-gone = The mailbox preferred for “{ $kind }” is no longer in the directory.
annuaire-preferred-gone-any = The preferred mailbox is no longer in the directory.
annuaire-preferred-gone-detail = { $address }: nothing goes there, nor elsewhere instead. Prefer another mailbox, or forget this choice.
annuaire-preferred-forget = Forget
annuaire-phone = Tel. { $number }
annuaire-api-ask = Check with the Annuaire Santé
annuaire-api-asked = Asking the Annuaire Santé…
annuaire-api-again = Try again
annuaire-api-active = In practice, says the Annuaire Santé
annuaire-api-inactive = No longer in practice, says the Annuaire Santé
annuaire-api-updated = Entry updated on { $date }.
annuaire-api-undated = Entry without a date.
annuaire-api-nobody = The Annuaire Santé does not know this RPPS number.
annuaire-api-nobody-detail = The entry of the file may be out of date: check before you write.
annuaire-api-address-gone = { $address } is no longer in the Annuaire Santé.
annuaire-api-address-gone-detail = The mailbox may have been closed, or put on the red list, since the file of the day.
annuaire-api-address-new = new address, not in the file
annuaire-ldap-ask = Search { $server } too
annuaire-ldap-asked = Asking { $server }…
annuaire-ldap-again = Try again
annuaire-ldap-nobody = { $server }: nobody of that name either.
annuaire-ldap-more = { $server } has more: say more.
annuaire-ldap-heading = LDAP directory { $server }
annuaire-ldap-confirmed = in the annuaire too
annuaire-ldap-only = Only by what { $server } says
annuaire-ldap-only-detail = The national directory does not give this address to this person: check before you write.
annuaire-received = { $count ->
    [one] 1 message received, on { $date }
   *[other] { $count } messages received, the last on { $date }
}
annuaire-received-none = no message received
annuaire-sent = { $count ->
    [one] 1 sent, on { $date }
   *[other] { $count } sent, the last on { $date }
}
annuaire-sent-none = none sent
annuaire-note = Note
annuaire-note-hint = Seen by you alone; Enter to keep
annuaire-group-hint = Add to a group: “Lung board”
annuaire-leave = Take out of the group { $name }
# my entry
annuaire-flaw-not-listed = The directory does not know you.
annuaire-flaw-not-listed-advice = Unless your mailbox is unlisted on purpose, ask your MSSanté operator to publish it; for your registration, ask your professional council (Ordre).
annuaire-flaw-mailbox = { $address } is not in the directory: colleagues cannot find it.
annuaire-flaw-mailbox-advice = It may be on the red list. Otherwise ask your MSSanté operator to publish it.
annuaire-flaw-name = The name in the directory is not that of your card ({ $card }).
annuaire-flaw-name-advice = The professional name is corrected by your council (Ordre), which updates the RPPS.
annuaire-flaw-specialty = The directory does not give your specialty: a search by specialty does not find you.
annuaire-flaw-specialty-advice = Have it registered by your council (Ordre), which updates the RPPS.
annuaire-flaw-town = The directory does not give your town: a search with a town does not find you.
annuaire-flaw-town-advice = Declare your place of practice to your council, and have your operator attach your mailbox to your structure. The file of places of practice, loaded in the settings, may give it too.

# lines of an extraction that cannot be used
annuaire-bad-fields = line { $line }: { $found } fields instead of { $expected }
annuaire-bad-too-long = line { $line }: too long
annuaire-bad-kind = line { $line }: unknown type of mailbox
annuaire-bad-address = line { $line }: not an address
annuaire-bad-identifier = line { $line }: identifier too long
annuaire-bad-nameless = line { $line }: professional without a name
