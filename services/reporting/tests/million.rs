//! What it takes to answer where there are many records: plans, and at last the time.

use std::time::{Duration, Instant};

use kit_access::{Principal, Scope};
use kit_store::Params;
use reporting::boards::ask::{OF_ALL, OF_SOME, SHARED};
use reporting::boards::keep::{Hand, count};
use reporting::boards::kinds::KNOWN;
use reporting::boards::tally::{self, Tally};
use reporting::boards::told::Row;
use uuid::Uuid;

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

/// A million cases of 2,000 workers in 100 teams of 20 agencies, as their rows say it.
const CASES: &str = "
    INSERT INTO board_record (tenant, record_type, id, told)
    SELECT $1, 'case', gen_random_uuid(), jsonb_build_object(
        'told', jsonb_build_object('version', 1, 'module', 'primeromodule-cp', 'enabled', n % 50 > 0,
            'status', CASE WHEN n % 3 = 0 THEN 'closed' ELSE 'open' END,
            'workflow', (ARRAY['new', 'assessment', 'case_plan', 'service_provision'])[1 + n % 4],
            'risk', (ARRAY['high', 'medium', 'low'])[1 + n % 3], 'owner', 'worker' || n % 2000,
            'people', jsonb_build_array('worker' || n % 2000), 'updated', n % 5 = 0,
            'concerns', jsonb_build_array('concern' || n % 7, 'concern' || (7 + n % 6)),
            'created', date '2026-11-22' - (n * 7919 % 1500)::int, 'closed', date '2026-11-22' - (n * 6007 % 900)::int,
            'due', jsonb_build_object('assessment', jsonb_build_array(date '2026-12-22' - (n * 4001 % 700)::int),
                'follow_up', jsonb_build_array(date '2027-01-22' - (n * 3001 % 500)::int))),
        'placed', jsonb_build_object('groups', jsonb_build_array('group' || n % 100),
            'agencies', jsonb_build_array('agency' || n % 20), 'owners_place', 'IQ' || lpad((n % 60)::text, 4, '0')))
    FROM generate_series($2::bigint, $3::bigint) n";
const DIRECTORY: &str = "
    INSERT INTO directory_user (tenant, user_name, version, user_id, agency, groups)
    SELECT $1, 'worker' || n, 1, n, 'agency' || n % 20, ARRAY['group' || n % 100]
    FROM generate_series(0, 1999) n";
const PLACES: &str = "
    INSERT INTO directory_location (tenant, code, hierarchy)
    SELECT $1, 'IQ' || lpad(n::text, 4, '0'), ARRAY['IQ', 'IQ' || lpad(n::text, 4, '0')]
    FROM generate_series(0, 59) n";
const COHORTS: &str = "INSERT INTO board_cohort (tenant, scope, groups) VALUES ($1, $2, $3)";

/// Fills rows and counts by what is under test: `tally::add` says what each row counts for.
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
    for from in (0..cases).step_by(50_000) {
        let until = from + 49_999;
        admin.execute(CASES, &[&TENANT, &from, &until]).await.unwrap();
    }
    let mut after = Uuid::nil();
    loop {
        let sql = "SELECT id, told::text FROM board_record WHERE tenant = $1 \
                   AND record_type = 'case' AND id > $2 ORDER BY id LIMIT 20000";
        let rows = admin.query(sql, &[&TENANT, &after]).await.unwrap();
        let Some(last) = rows.last() else { break };
        after = last.get(0);
        for row in &rows {
            let row: Row = serde_json::from_str(row.get(1)).unwrap();
            tally::add(&mut all, &row, "case", 1);
        }
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
