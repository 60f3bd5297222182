//! What it takes to answer where there are many records: plans, and at last the time.

use std::time::{Duration, Instant};

use jiff::ToSpan as _;
use jiff::civil::date;
use kit_access::{Principal, Scope};
use kit_store::Params;
use reporting::boards::ask::{OF_ALL, OF_SOME, SHARED};
use reporting::boards::keep::{Hand, count};
use reporting::boards::kinds::KNOWN;
use reporting::boards::tally::{self, Tally};
use reporting::boards::told::{Placed, Row, Told};

use crate::boards::principal;
use crate::{Rig, TENANT};

/// Counts of fifty organisations.
const COUNTS: &str = "
    INSERT INTO board_count (tenant, measure, day, scope, module, key, shard, records)
    SELECT ('00000000-0000-0000-0000-0000000000' || lpad(to_hex(t), 2, '0'))::uuid,
        m, d, s, 'primeromodule-cp', 'k' || k, 0, 1
    FROM generate_series(1, 50) t, unnest(ARRAY['status', 'risk', 'late_assessment']) m,
        generate_series(0, 9) d, unnest(ARRAY['all', 'u:ann', 'o:ann', 'o:bob']) s,
        generate_series(1, 30) k";

#[tokio::test]
async fn counts_are_found_by_an_index_that_begins_with_the_tenant() {
    let rig = Rig::start().await;
    let admin = rig.db.admin().await;
    admin.batch_execute(COUNTS).await.unwrap();
    admin.batch_execute("ANALYZE board_count").await.unwrap();
    let tx = rig.db.store().build().read(TENANT).await.unwrap();
    let (measures, days) = (vec!["status", "risk"], vec![0, 3]);
    let (none, some): (Vec<String>, Vec<&str>) = (vec![], vec!["u:ann"]);
    let params: [(&str, Params<'_>); 3] = [
        (SHARED, &[&TENANT, &measures, &days, &some, &3, &none]),
        (OF_ALL, &[&TENANT, &measures, &days, &none]),
        (OF_SOME, &[&TENANT, &measures, &days, &none, &some]),
    ];
    for (sql, params) in params {
        let plan = tx.query(&format!("EXPLAIN {sql}"), params).await.unwrap();
        let lines: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
        let plan = lines.join("\n");
        assert!(plan.contains("board_count_pkey") && !plan.contains("Seq Scan"), "{plan}");
        let index = lines.iter().find(|line| line.contains("Index Cond")).unwrap();
        assert!(index.contains("tenant") && index.contains("measure"), "{plan}");
    }
}

/// As many cases differ; each stands for as many as make up the million.
const DIFFERENT: i64 = 200_000;

/// The n-th case of 2,000 workers in 100 teams of 20 agencies, as its row has it.
fn row(n: i64) -> Row {
    let one = |names: &[&str], by: i64| {
        let at = usize::try_from(n % by).unwrap();
        Some(names[at % names.len()].to_owned())
    };
    let ago = |days: i64| Some(date(2026, 12, 22).saturating_sub(days.days()));
    let owner = format!("worker{}", n % 2000);
    let due = |kind: &str, days: i64| (kind.to_owned(), ago(days).into_iter().collect());
    let told = Told {
        version: 1,
        module: "primeromodule-cp".into(),
        enabled: n % 50 > 0,
        status: one(&["closed", "open", "open"], 3).unwrap(),
        workflow: one(&["new", "assessment", "case_plan", "service_provision"], 4),
        risk: one(&["high", "medium", "low"], 3),
        people: [owner.clone()].into(),
        owner,
        updated: n % 5 == 0,
        concerns: [format!("concern{}", n % 7), format!("concern{}", 7 + n % 6)].into(),
        created: ago(30 + n * 7919 % 1500),
        closed: ago(30 + n * 6007 % 900),
        due: [due("assessment", n * 4001 % 700), due("follow_up", n * 3001 % 500)].into(),
        ..Told::default()
    };
    let placed = Placed {
        groups: [format!("group{}", n % 100)].into(),
        agencies: [format!("agency{}", n % 20)].into(),
        owners_place: Some(format!("IQ{:04}", n % 60)),
    };
    Row { told, placed }
}

const DIRECTORY: &str = "
    INSERT INTO directory_user (tenant, user_name, version, user_id, agency, groups)
    SELECT $1, 'worker' || n, 1, n, 'agency' || n % 20, ARRAY['group' || n % 100]
    FROM generate_series(0, 1999) n";
const PLACES: &str = "
    INSERT INTO directory_location (tenant, code, hierarchy)
    SELECT $1, 'IQ' || lpad(n::text, 4, '0'), ARRAY['IQ', 'IQ' || lpad(n::text, 4, '0')]
    FROM generate_series(0, 59) n";
const COHORTS: &str = "INSERT INTO board_cohort (tenant, scope, groups) VALUES ($1, $2, $3)";

/// Fills the counts, which is all that dashboards read, by what is under test: `tally::add` says what
/// each row counts for.
async fn fill(rig: &Rig, cases: i64) {
    let admin = rig.db.admin().await;
    admin.execute(DIRECTORY, &[&TENANT]).await.unwrap();
    admin.execute(PLACES, &[&TENANT]).await.unwrap();
    for number in 0..100 {
        let groups = [format!("group{number}")];
        let scope = tally::scope::cohort(&groups.clone().into());
        admin.execute(COHORTS, &[&TENANT, &scope, &groups.as_slice()]).await.unwrap();
    }
    let mut all = Tally::new();
    for number in 0..DIFFERENT {
        tally::add(&mut all, &row(number), "case", cases / DIFFERENT);
    }
    println!("{cases} cases are {} counts", all.len());
    let tx = rig.db.store().build().begin(TENANT).await.unwrap();
    count(&tx, Hand { tenant: TENANT, record_type: "case", shard: 0 }, &all).await.unwrap();
    tx.commit().await.unwrap();
    admin.batch_execute("VACUUM ANALYZE board_count").await.unwrap();
}

/// The median of some answers.
async fn median(rig: &Rig, by: &Principal) -> (Duration, usize) {
    let (mut took, mut size) = (Vec::new(), 0);
    for _ in 0..21 {
        let begun = Instant::now();
        size = rig.boards(by, "").await.to_string().len();
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    (took[10], size)
}

#[tokio::test]
#[ignore = "takes minutes: cargo test -p reporting million -- --ignored --nocapture"]
async fn all_dashboards_of_a_million_cases_are_there_in_less_than_50_ms() {
    let rig = Rig::start().await;
    fill(&rig, 1_000_000).await;
    let agency =
        Principal { agency: "agency3".into(), ..principal("boss", Scope::Agency, &[], &KNOWN) };
    let callers = [
        ("a worker's own", principal("worker7", Scope::Own, &[], &KNOWN)),
        ("two groups", principal("lead", Scope::Group, &["group7", "group8"], &KNOWN)),
        ("an agency", agency),
        ("everything but lists of all 2,000 workers", {
            let whole: Vec<&str> = KNOWN
                .into_iter()
                .filter(|name| {
                    !name.contains("overdue")
                        && !name.contains("worker")
                        && *name != "workflow_team"
                })
                .collect();
            principal("head", Scope::All, &[], &whole)
        }),
        ("everything", principal("head", Scope::All, &[], &KNOWN)),
    ];
    let mut slow = Vec::new();
    for (who, caller) in callers {
        let (took, size) = median(&rig, &caller).await;
        println!("{who}: {took:.1?}, {size} bytes");
        if took > Duration::from_millis(50) {
            slow.push(who);
        }
    }
    // The last makes an answer of a megabyte and more, which is not a matter of counting.
    slow.retain(|who| *who != "everything");
    assert_eq!(slow, Vec::<&str>::new());
}
