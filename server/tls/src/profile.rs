//! A configuration profile (`.mobileconfig`) that makes iPhones, iPads and Macs know the authority: Apple's
//! "Configuration Profile Reference", payload `com.apple.security.root`.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// The profile with this certificate. The same certificate gives the same profile, so that installing it again
/// replaces it.
pub fn profile(der: &[u8], host: &str) -> String {
    let encoded = base64_lines(der);
    let (outer, inner) = (uuid(der, b"profile"), uuid(der, b"payload"));
    let host = host.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>PayloadContent</key>
  <array>
    <dict>
      <key>PayloadCertificateFileName</key><string>rtm2-authority.crt</string>
      <key>PayloadContent</key>
      <data>
{encoded}      </data>
      <key>PayloadDescription</key><string>Lets this device trust the rtm2 on {host}.</string>
      <key>PayloadDisplayName</key><string>rtm2 authority ({host})</string>
      <key>PayloadIdentifier</key><string>org.rtm2.authority.{inner}</string>
      <key>PayloadType</key><string>com.apple.security.root</string>
      <key>PayloadUUID</key><string>{inner}</string>
      <key>PayloadVersion</key><integer>1</integer>
    </dict>
  </array>
  <key>PayloadDescription</key><string>Lets this device trust the rtm2 on {host}, and nothing else.</string>
  <key>PayloadDisplayName</key><string>rtm2 ({host})</string>
  <key>PayloadIdentifier</key><string>org.rtm2.{outer}</string>
  <key>PayloadRemovalDisallowed</key><false/>
  <key>PayloadType</key><string>Configuration</string>
  <key>PayloadUUID</key><string>{outer}</string>
  <key>PayloadVersion</key><integer>1</integer>
</dict>
</plist>
"#
    )
}

/// The base64 of a PEM without its first and last line.
fn base64_lines(der: &[u8]) -> String {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::STANDARD.encode(der);
    encoded.as_bytes().chunks(64).fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{}", String::from_utf8_lossy(line));
        text
    })
}

/// A name-based UUID (version 8, RFC 9562: custom content).
fn uuid(der: &[u8], purpose: &[u8]) -> String {
    let hash = Sha256::new().chain_update(purpose).chain_update(der).finalize();
    let mut bytes: [u8; 16] = std::array::from_fn(|i| hash[i]);
    bytes[6] = bytes[6] & 0x0F | 0x80;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    bytes.iter().enumerate().fold(String::new(), |mut text, (i, byte)| {
        let _ = write!(text, "{}{byte:02X}", if [4, 6, 8, 10].contains(&i) { "-" } else { "" });
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profile_is_of_its_certificate_alone() {
        let text = profile(&[7; 100], "a<b&c");
        assert_eq!(text, profile(&[7; 100], "a<b&c"));
        assert_ne!(text, profile(&[8; 100], "a<b&c"));
        assert!(text.contains("rtm2 (a&lt;b&amp;c)") && text.contains("BwcHBwcH"));
        assert!(text.contains("com.apple.security.root"));
        let uuid = uuid(&[7; 100], b"payload");
        assert_eq!((uuid.len(), uuid.as_bytes()[14]), (36, b'8'), "{uuid}");
    }
}
