//! Duplicates among 100,000 cases, timed: `cargo test --release -p cases hundred_thousand --
//! --ignored --nocapture`. Prints figures; what it holds to is what a caseworker would notice.

use std::time::{Duration, Instant};

use kit_proto::cases::v1::{CaseHistory, CaseStep};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::import::import;
use crate::rig::{MODULE, Rig, root, worker_a};

const CASES: usize = 100_000;
/// Asked before a case is registered: half of them are there already.
const QUESTIONS: usize = 300;
const BEGINNINGS: [&str; 20] = [
    "ab", "ha", "sa", "ka", "ma", "na", "ra", "ya", "zi", "fa", "la", "mu", "ju", "wa", "ta", "su",
    "da", "bi", "ri", "lu",
];
const ENDINGS: [&str; 20] = [
    "lim", "mid", "rim", "dan", "ssan", "mal", "dia", "lya", "ra", "nab", "wad", "sef", "man",
    "riq", "hra", "bil", "ber", "min", "shar", "lal",
];

/// The number-th of the commonest names: a few are borne by many, most by few.
fn name(dice: &mut Dice, of: usize) -> String {
    // The square of an even chance gathers at the common end.
    let at = dice.below(of).min(dice.below(of)).min(dice.below(of));
    let (first, last) = (BEGINNINGS[at % 20], ENDINGS[at / 20 % 20]);
    let middle = if at < 400 { "" } else { BEGINNINGS[at / 400 % 20] };
    format!("{first}{middle}{last}")
}

/// Chance that can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % most
    }
}

fn child(dice: &mut Dice) -> Value {
    let names = [name(dice, 1_200), name(dice, 800), name(dice, 6_000)].join(" ");
    let sex = ["female", "male"][dice.below(2)];
    let (year, month, day) = (2008 + dice.below(17), 1 + dice.below(12), 1 + dice.below(28));
    json!({
        "name": names, "sex": sex, "age": 2025 - year,
        "date_of_birth": format!("{year}-{month:02}-{day:02}"),
        "telephone_current": format!("+963 944 {:06}", dice.below(1_000_000)),
    })
}

/// The child at a place; one in forty is an earlier one, written a little otherwise.
fn child_at(at: usize) -> Value {
    let origin = if at % 40 == 39 { at / 2 } else { at };
    let mut child = child(&mut Dice(origin as u64 * 7_919 + 17));
    if origin != at {
        let name = child["name"].as_str().unwrap().replacen('a', "e", 1);
        child["name"] = json!(name);
    }
    child
}

async fn seed(rig: &Rig) -> Duration {
    let began = Instant::now();
    let at = jiff::Timestamp::from_second(1_735_689_600).unwrap();
    for batch in 0..CASES / 500 {
        let case = |at_number: usize| {
            let mut data = child_at(at_number);
            data["module_id"] = json!(MODULE);
            let step = CaseStep {
                at_unix_us: at.as_microsecond() + i64::try_from(at_number).unwrap() * 1_000,
                user_name: "worker_a".into(),
                record_action: String::new(),
                data: data.to_string().into_bytes().into(),
            };
            CaseHistory { id: id(at_number).to_string(), steps: vec![step] }
        };
        let cases = (batch * 500..(batch + 1) * 500).map(case).collect();
        let reply = import(rig, "", cases).await.unwrap();
        assert_eq!(reply.stored, 500, "{:?}", reply.refused);
    }
    began.elapsed()
}

fn id(number: usize) -> Uuid {
    Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0000 + number as u128)
}

/// The time within which a share of these was done.
fn within(times: &mut [Duration], of_hundred: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() * of_hundred / 100).min(times.len() - 1)]
}

async fn waiting(rig: &Rig) -> i64 {
    let admin = rig.db.admin().await;
    let count = "SELECT count(*) FROM duplicate_due";
    admin.query_one(count, &[]).await.unwrap().get(0)
}

/// Whether a case that is there already is shown first, and how long that took.
async fn ask(rig: &Rig) -> (usize, Vec<Duration>) {
    let (mut found, mut times) = (0, Vec::new());
    for number in 0..QUESTIONS {
        let at = number * (CASES / QUESTIONS);
        let mut asked = child_at(at);
        let name = asked["name"].as_str().unwrap().replacen('i', "e", 1);
        asked["name"] = json!(name);
        let began = Instant::now();
        let shown = rig.similar(&root(), asked).await.unwrap().data;
        times.push(began.elapsed());
        let rows = shown.as_array().unwrap();
        found += usize::from(rows.iter().any(|row| row["case"]["id"] == id(at).to_string()));
    }
    (found, times)
}

#[tokio::test]
#[ignore = "takes minutes; prints figures"]
async fn duplicates_among_a_hundred_thousand_cases() {
    let rig = Rig::start().await;
    println!("seeded {CASES} cases in {:?}", seed(&rig).await);
    let (found, mut times) = ask(&rig).await;
    let (half, most) = (within(&mut times, 50), within(&mut times, 99));
    println!("similar: half in {half:?}, 99 of 100 in {most:?}; found {found} of {QUESTIONS}");
    assert!(most < Duration::from_secs(1) && found * 10 > QUESTIONS * 9);
    let (before, began) = (waiting(&rig).await, Instant::now());
    tokio::time::sleep(Duration::from_mins(1)).await;
    let done = before - waiting(&rig).await;
    let rate = f64::from(i32::try_from(done).unwrap()) / began.elapsed().as_secs_f64();
    println!("in the background {rate:.1} cases per second, {before} waited");
    // What somebody registers now does not wait for all of them.
    let mut times = Vec::new();
    for number in 0..20 {
        let again = child_at(number * 37 + 1);
        let began = Instant::now();
        let made = rig.case(&worker_a(), again).await;
        while rig.duplicates(&worker_a(), &made).await.unwrap().data == json!([]) {
            tokio::time::sleep(Duration::from_millis(5)).await;
            assert!(began.elapsed() < Duration::from_secs(10), "not noticed");
        }
        times.push(began.elapsed());
    }
    let waiting = waiting(&rig).await;
    let half = within(&mut times, 50);
    println!("registered again while {waiting} wait: noticed after {half:?} (half)");
    rig.stop();
}
