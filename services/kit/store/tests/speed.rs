//! How fast it is here: `cargo test -p kit-store --test main speed -- --ignored --nocapture`.

use std::time::Instant;

use kit_test::{fresh_id, meta};

use crate::catalogue::{Lend, Shelve, library};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures, asserts nothing"]
async fn commands_one_by_one_and_in_units() {
    let (_db, store) = library().await;
    let tenant = fresh_id();
    store.execute(&meta(tenant, "a"), "one", Shelve("A", None)).await.unwrap();
    let begun = Instant::now();
    for _ in 0..300 {
        store.execute(&meta(tenant, "a"), "one", Lend { to: "b", most: 9_999 }).await.unwrap();
    }
    println!("one command: {:?}", begun.elapsed() / 300);

    for size in [100, 1_000, 5_000] {
        let begun = Instant::now();
        let mut unit = store.unit(&meta(tenant, "seed"), "Seed");
        for n in 0..size {
            let id = format!("{size}-{n}");
            unit.create(&meta(tenant, "a"), &id, Shelve("A", None)).await.unwrap();
            for _ in 0..9 {
                let lend = Lend { to: "b", most: 99 };
                unit.execute_as(&meta(tenant, "a"), &id, lend).await.unwrap();
            }
        }
        let decided = begun.elapsed();
        unit.commit().await.unwrap();
        let took = begun.elapsed();
        let rate = f64::from(size) / took.as_secs_f64();
        println!("{size} streams of 10: {took:?}, {decided:?} of it deciding, {rate:.0}/s");
    }
}
