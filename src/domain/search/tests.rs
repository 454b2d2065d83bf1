use super::*;

const NOW: UnixTime = 1_773_309_600; // 12 March 2026, 10:00 UTC

fn parse(text: &str) -> Query {
    Query::parse(text, NOW, &TimeZone::UTC)
}

/// A query as one line, for tables.
fn shown(query: &Query) -> String {
    let mut parts = Vec::new();
    for word in &query.words {
        let place = match word.place {
            Place::Anywhere => "",
            Place::Sender => "sender ",
            Place::Recipient => "recipient ",
            Place::Subject => "subject ",
            Place::Patient => "patient ",
        };
        let quote = if word.is_phrase { "\"" } else { "" };
        let not = if word.is_excluded { "not " } else { "" };
        parts.push(format!("{not}{place}{quote}{}{quote}", word.text));
    }
    for filter in &query.filters {
        let not = if filter.is_excluded { "not " } else { "" };
        let day = |time: &Option<UnixTime>| {
            time.map(|t| jiff::Timestamp::from_second(t).unwrap().strftime("%F").to_string())
                .unwrap_or_default()
        };
        parts.push(match &filter.fact {
            Fact::Dated { from, before } => format!("{not}[{}, {}[", day(from), day(before)),
            Fact::Folder(name) => format!("{not}<in {name}>"),
            Fact::Topic(topic) => format!("{not}<{}>", topic.word()),
            fact => format!("{not}<{fact:?}>").to_lowercase(),
        });
    }
    parts.join(" | ")
}

#[test]
fn operators_are_read_in_french_and_english() {
    for (text, wanted) in [
        ("", ""),
        ("bilan Hépatique", "bilan | hepatique"),
        ("\"lettre de sortie\" bilan", "\"lettre de sortie\" | bilan"),
        ("\"lettre de", "\"lettre de\""),
        ("-vaccin bilan", "not vaccin | bilan"),
        ("-\"lettre de sortie\"", "not \"lettre de sortie\""),
        ("de:martin", "sender martin"),
        ("from:martin", "sender martin"),
        ("de:\"Marie MARTIN\"", "sender \"marie martin\""),
        ("-de:martin", "not sender martin"),
        ("à:leroy to:leroy À:leroy", "recipient leroy | recipient leroy | recipient leroy"),
        ("objet:sortie subject:sortie", "subject sortie | subject sortie"),
        ("patient:durand", "patient durand"),
        (
            "patient:\"DURAND Paul 26/11/1978\"",
            "patient \"durand\" | patient \"paul\" | patient \"26/11/1978\"",
        ),
        ("type:biologie kind:biology", "<biology> | <biology>"),
        ("-type:accusé", "not <receipt>"),
        ("anormal abnormal", "<abnormal> | <abnormal>"),
        ("non-lu unread -unread", "<unread> | <unread> | not <unread>"),
        ("est:non-lu is:flagged", "<unread> | <flagged>"),
        ("avec:pj has:attachment", "<attachment> | <attachment>"),
        ("avant:01/03/2026", "[, 2026-03-01["),
        ("before:2026-03", "[, 2026-03-01["),
        ("après:2026-02", "[2026-02-01, ["),
        ("after:01/02/2026", "[2026-02-01, ["),
        ("entre:01/02/2026..15/02/2026", "[2026-02-01, 2026-02-16["),
        ("date:2025", "[2025-01-01, 2026-01-01["),
        ("date:hier", "[2026-03-11, 2026-03-12["),
        ("dans:\"À classer\"", "<in a classer>"),
        ("in:inbox", "<in inbox>"),
        // words, not operators
        ("\"anormal\"", "\"anormal\""),
        ("suivi lu", "suivi | lu"),
        ("http://example.org", "http://example.org"),
        ("12:30", "12:30"),
        ("motif: bilan", "motif: | bilan"),
        ("-", ""),
        ("- bilan", "bilan"),
        ("œdème-pulmonaire", "oedeme-pulmonaire"),
        // an operator nobody understands is looked for as it stands
        ("type:inconnu", "type:inconnu"),
        ("avant:jamais", "avant:jamais"),
        // being typed
        ("de:", ""),
        ("de: martin", "martin"),
        ("patient:\"", ""),
    ] {
        assert_eq!(shown(&parse(text)), wanted, "{text}");
    }
}

#[test]
fn whatever_is_typed_is_read_within_bounds() {
    for text in
        ["\"", "-\"", ":", "::", "de::", "-de:\"", "\u{0}", "à:\u{301}", "\u{fdfa}:x", "de:\"a\"b:\"c", "-:"]
    {
        let _ = parse(text);
    }
    let query = parse(&"mot de:x ".repeat(10_000));
    assert!(query.words.len() + query.filters.len() <= MOST_WORDS);
}

#[test]
fn every_topic_is_found_by_its_operator() {
    for topic in Topic::ALL {
        assert_eq!(
            parse(topic.operator()).filters,
            [Filter { fact: Fact::Topic(topic), is_excluded: false }]
        );
        assert_eq!(Topic::of_word(topic.word()), Some(topic));
    }
}

#[test]
fn words_found_are_marked_in_the_text_as_it_is_written() {
    let marked = |query: &str, text: &str| -> Vec<String> {
        Hits::of(&parse(query))
            .places(text, 100)
            .into_iter()
            .map(|place| text.get(place).unwrap().to_owned())
            .collect()
    };
    let text = "L'Hémoglobine est basse : résultats anormaux. Lettre de sortie.";
    assert_eq!(marked("hemo", text), ["Hémoglobine"]);
    assert_eq!(marked("résultat", text), ["résultats"]);
    assert_eq!(marked("anormale", text), ["anormaux"]);
    assert_eq!(marked("\"lettre de sortie\"", text), ["Lettre de sortie"]);
    assert_eq!(marked("\"lettre de sort\"", text), Vec::<String>::new());
    assert_eq!(marked("l'hémo basse -sortie", text), ["L'Hémoglobine", "basse"]);
    assert_eq!(marked("non-lu", text), Vec::<String>::new());
}

#[test]
fn an_excerpt_shows_the_first_word_found_with_what_stands_around_it() {
    let text = format!(
        "{}\n\nConclusion :\n  Hémoglobine 9,2 g/dL, à contrôler.{}",
        "mot ".repeat(200),
        " fin".repeat(100)
    );
    let hits = Hits::of(&parse("hemoglobine controler"));
    let (line, places) = excerpt(&text, &hits, 80).unwrap();
    assert!(line.starts_with("… ") && line.ends_with('…'), "{line}");
    assert!(line.contains("Conclusion : Hémoglobine 9,2 g/dL, à contrôler."), "{line}");
    let found: Vec<&str> = places.into_iter().map(|place| line.get(place).unwrap()).collect();
    assert_eq!(found, ["Hémoglobine", "contrôler"]);
    assert_eq!(excerpt("rien", &hits, 80), None);
}

#[test]
fn an_operator_comes_and_goes_and_leaves_the_rest_as_it_was() {
    let patient = "patient:\"DURAND Paul 26/11/1978\"";
    let with = toggled("bilan  rénal ", patient);
    assert_eq!(with, format!("bilan  rénal {patient}"));
    assert!(asks_for(&with, patient) && !asks_for(&with, "bil"));
    assert_eq!(toggled(&format!("non-lu {with}"), "non-lu"), with);
    assert_eq!(toggled(&with, patient), "bilan  rénal");
    assert_eq!(toggled("", "non-lu"), "non-lu");
    assert_eq!(toggled("non-lu", "non-lu"), "");
    assert!(!asks_for("x-non-lu", "non-lu"));
}
