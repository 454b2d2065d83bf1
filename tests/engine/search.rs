//! Searching the fictitious mailbox: operators, counts and the lines shown.

use estafette::domain::secret::Secret;
use estafette::engine::Engine;

async fn open() -> Engine {
    let engine = Engine::practice().unwrap();
    engine.unlock(Secret::new("1234".to_owned())).await.unwrap();
    engine
}

#[tokio::test]
async fn operators_narrow_what_words_find_and_counts_say_by_how_much() {
    let engine = open().await;
    let all = engine.search("-introuvable", 0..1).await.unwrap().total;
    let facets = engine.facets("-introuvable").await.unwrap();
    assert_eq!(facets.counted, all.min(5_000));
    assert!(facets.unread > 0 && facets.abnormal > 0 && facets.attachments > 0, "{facets:?}");
    assert!(!facets.senders.is_empty() && !facets.topics.is_empty() && !facets.patients.is_empty());
    let found = |text: String| {
        let engine = engine.clone();
        async move { engine.search(&text, 0..1).await.unwrap().total }
    };
    assert_eq!(found("non-lu".to_owned()).await, facets.unread);
    assert_eq!(found("abnormal".to_owned()).await, facets.abnormal);
    assert_eq!(found("avec:pj".to_owned()).await, facets.attachments);
    for (topic, count) in &facets.topics {
        assert_eq!(found(topic.operator().to_owned()).await, *count, "{topic:?}");
    }
    for count in &facets.senders {
        assert_eq!(found(count.operator.clone()).await, count.count, "{}", count.operator);
    }
    for count in &facets.patients {
        // other documents may write the same words in another way
        assert!(found(count.operator.clone()).await >= count.count, "{}", count.operator);
    }
}

#[tokio::test]
async fn what_was_found_is_shown_with_the_words_in_their_line() {
    let engine = open().await;
    let found = engine.search("hémoglobines", 0..20).await.unwrap();
    assert!(found.total > 0 && found.near == found.total, "only the singular is written: {found:?}");
    let ids = found.messages.iter().map(|row| row.id).collect();
    let excerpts = engine.excerpts("hémoglobines", ids).await.unwrap();
    assert!(!excerpts.is_empty());
    for excerpt in excerpts {
        let marked = excerpt.line.get(excerpt.places[0].clone()).unwrap();
        assert_eq!(estafette::domain::fold::fold(marked), "hemoglobine", "{}", excerpt.line);
    }
    let ids = found.messages.iter().map(|row| row.id).collect();
    assert!(engine.excerpts("non-lu", ids).await.unwrap().is_empty(), "no word, no line");
}
