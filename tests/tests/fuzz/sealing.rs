//! What was sealed and what was signed: nothing else opens.

/// Sealed bytes, and where they are said to belong.
pub mod sealed {
    use kit_seal::{OVERHEAD, SecretKey, associated, open, seal, unwrap, wrap};

    pub fn seeds() -> Vec<Vec<u8>> {
        let key = SecretKey::new([7; 32]);
        [&b""[..], b"{\"name\":\"Ann\"}", &[0; 300]]
            .map(|plain| seal(&key, b"place", plain))
            .to_vec()
    }

    pub fn feed(bytes: &[u8]) {
        let key = SecretKey::new([7; 32]);
        // The seeds open; whatever was changed about them must not.
        if let Ok(plain) = open(&key, b"place", bytes) {
            assert_eq!(plain.len() + OVERHEAD, bytes.len());
            let known = [&b""[..], b"{\"name\":\"Ann\"}", &[0; 300]];
            assert!(known.contains(&plain.as_slice()), "opened what nobody sealed");
        }
        let (head, tail) = bytes.split_at(bytes.len() / 2);
        let (here, there) = (associated(&[head, tail]), associated(&[bytes]));
        assert_ne!(here, there);
        let sealed = seal(&key, &here, tail);
        assert_eq!(open(&key, &here, &sealed).as_deref(), Ok(tail));
        assert!(open(&key, &there, &sealed).is_err(), "opened elsewhere");
        assert!(open(&SecretKey::new([8; 32]), &here, &sealed).is_err(), "opened by another key");
        let wrapped = wrap(&key, &[head, tail], &SecretKey::new([9; 32]));
        assert!(unwrap(&key, &[bytes], &wrapped).is_err(), "unwrapped elsewhere");
        assert!(unwrap(&key, &[head], bytes).is_err());
    }
}

/// Tokens of principals: altered ones, and whatever might be signed.
pub mod token {
    use kit_access::Principal;
    use kit_serve::{SigningKey, sign_principal, verify_principal};
    use serde_json::json;

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[7; 32])
    }

    fn principal() -> Principal {
        Principal { user_name: "ann".into(), expires_at: 100, ..Principal::default() }
    }

    pub fn seeds() -> Vec<Vec<u8>> {
        vec![
            sign_principal(&key(), &principal()).unwrap().to_vec(),
            serde_json::to_vec(&json!(principal())).unwrap(),
        ]
    }

    pub fn feed(bytes: &[u8]) {
        let keys = [key().verifying_key()];
        if let Ok(found) = verify_principal(&keys, bytes, 99) {
            assert_eq!(found, principal(), "vouched for by nobody");
        }
        if let Ok(told) = serde_json::from_slice::<Principal>(bytes) {
            let token = sign_principal(&key(), &told).unwrap();
            let read = verify_principal(&keys, &token, told.expires_at.saturating_sub(1));
            if told.expires_at > i64::MIN && token.len() < 64 << 10 {
                assert_eq!(read, Ok(told));
            }
        }
    }
}
