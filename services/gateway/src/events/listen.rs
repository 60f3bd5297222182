//! Follows the facts of the services, from the moment that the first stream is open, and passes on
//! what they mean a few times a second.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use kit_bus::{Bus, Following, Heard, Kind, Parts, RECORD_ERASED};
use kit_serve::{Service, Shutdown};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{News, Place, SOURCES, What, scopes};
use crate::gateway::Gateway;

/// What happens within this time is told together.
const TOGETHER: Duration = Duration::from_millis(400);
/// Facts that are looked at in one go.
const AT_ONCE: usize = 4_096;
const PAUSE: Duration = Duration::from_secs(1);

/// A word from one of the followers.
enum Word {
    Fact(usize, Box<Heard>),
    /// The stream is another one: what it told before is not to be had.
    Anew,
}

/// Runs until told to stop.
pub async fn run(gateway: Arc<Gateway>, bus: Bus, shutdown: Shutdown) {
    let listening = async {
        gateway.events.wanted().await;
        loop {
            listen(&gateway, &bus).await;
        }
    };
    tokio::select! {
        () = listening => {}
        () = shutdown.wait() => {}
    }
}

/// Follows the streams as they are now; returns when one of them is another one.
async fn listen(gateway: &Arc<Gateway>, bus: &Bus) {
    let followed = join_all((0..SOURCES.len()).map(|source| begin(bus, source, None))).await;
    let (mut born, mut after) = ([0; SOURCES.len()], [0; SOURCES.len()]);
    for (source, following) in followed.iter().enumerate() {
        (born[source], after[source]) = (following.born, following.after);
    }
    let mut place = Place::new(born, after);
    let (words, mut heard) = mpsc::channel(AT_ONCE);
    let mut followers = JoinSet::new();
    for (source, following) in followed.into_iter().enumerate() {
        followers.spawn(follow(bus.clone(), source, following, words.clone()));
    }
    drop(words);
    gateway.events.begin(place);
    tracing::info!("streams of events are served");
    while let Some(first) = heard.recv().await {
        tokio::time::sleep(TOGETHER).await;
        let mut facts = vec![first];
        while facts.len() < AT_ONCE
            && let Ok(next) = heard.try_recv()
        {
            facts.push(next);
        }
        let mut news = Vec::with_capacity(facts.len());
        for word in facts {
            let Word::Fact(source, fact) = word else { return };
            place.advance(source, fact.sequence);
            news.extend(meaning(source, &fact));
        }
        tell(gateway, place, news).await;
    }
}

/// Follows one service's facts, however often it takes.
async fn begin(bus: &Bus, source: usize, after: Option<u64>) -> Following {
    let service = SOURCES[source];
    loop {
        match bus.follow(service.name(), after, parts(service)).await {
            Ok(following) => return following,
            Err(error) => {
                tracing::warn!(%error, service = service.name(), "facts can't be followed");
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Of records the subject says enough: nothing of what they hold comes here, sealed or not.
fn parts(service: Service) -> Parts {
    match service {
        Service::Identity => Parts::Whole,
        _ => Parts::Subject,
    }
}

async fn follow(bus: Bus, source: usize, mut following: Following, words: mpsc::Sender<Word>) {
    let (born, mut last) = (following.born, following.after);
    loop {
        match following.next().await {
            Ok(heard) => {
                last = heard.sequence;
                if words.send(Word::Fact(source, Box::new(heard))).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                tracing::debug!(%error, service = SOURCES[source].name(), "facts are followed anew");
                tokio::time::sleep(PAUSE).await;
                following = begin(&bus, source, Some(last)).await;
                if following.born != born || following.after != last {
                    let _ = words.send(Word::Anew).await;
                    return;
                }
            }
        }
    }
}

/// What a fact means to devices, if it does.
fn meaning(source: usize, fact: &Heard) -> Option<(Uuid, News)> {
    let what = match fact.kind.as_str() {
        "case_changed" | "record_changed" => What::Record(fact.id?),
        RECORD_ERASED => What::Erased,
        "user_changed" => What::People { moved: moves(fact) },
        "people_changed" | "tenant_changed" => What::People { moved: false },
        "catalog_changed" | "locations_changed" => What::Configuration,
        _ => return None,
    };
    Some((fact.tenant, News { source, sequence: fact.sequence, what }))
}

/// Whether a user may stand elsewhere: one who is new has no records yet.
fn moves(heard: &Heard) -> bool {
    let fact = heard.fact.as_ref();
    fact.is_none_or(|fact| matches!(fact.kind, Some(Kind::UserChanged(_))) && fact.version > 1)
}

/// Tells everybody who listens.
async fn tell(gateway: &Gateway, place: Place, news: Vec<(Uuid, News)>) {
    let noted = gateway.events.note(place, news);
    join_all(noted.into_iter().map(|(tenant, news)| async move {
        let batch = scopes::batch(&gateway.shared, tenant, place, &news).await;
        gateway.events.tell(tenant, batch);
    }))
    .await;
    gateway.events.settle(place);
}
