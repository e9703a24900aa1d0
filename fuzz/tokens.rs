//! Checks that any bearer token of a request is read or refused without a panic.

/// The public key for the only signed seed. The private key no longer exists.
const KEYS: &str = r#"{"keys":[{"kty":"RSA","kid":"1","e":"AQAB","n":"ptY9_dAWQOt6thw1qA_8MAh4rc09aGejcjF6Qc4Ew3VUY70O5yLceicFU_TBUy02Rh47vZH4LUpklvONdq-vYvDppPaTzaTFiluhvpGlhhoPdYbagYUIXIi_BzNjtVJLsDyeZ8_m42mAErJczOKURgEHPCJbdq8HHlHdl5OdtjxDwcLeuV1TnHl76nrwfxnKGDLYe1iwHGrowON7h1ulvwJhd0u73lDgwxWfu-vbnN4FdJ-S2IiU6f8ithdHRQCT4MjdKGJTGuH-9dUMFyvM3lKE75kW5yvXPqKlGeNbGSnIdHJrT1RtWFP6hjj1AyOH3TOVTyiNpIURXEFCYwyvUw"}]}"#;
const SIGNED: &str = include_str!("seeds/tokens/signed");
/// 2026-01-05T00:10:00Z, in seconds since the epoch. The signed seed is valid at this time.
const NOW: i64 = 1_767_571_800;

/// Checks that the signed token is accepted, and every other one is refused.
pub fn run(data: &[u8]) {
    let Ok(token) = std::str::from_utf8(data) else { return };
    let accepted = openid::accepts(token, KEYS, ("https://id.example", "daybook"), NOW);
    assert_eq!(accepted, token == SIGNED, "a token that nobody signed opens something");
}
