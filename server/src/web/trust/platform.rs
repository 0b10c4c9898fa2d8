//! What to tap and click on each platform, so that it trusts an authority. In the words of the platforms.

use super::{CRT, PEM, PROFILE};

/// One platform.
#[derive(Debug)]
pub(super) struct Platform {
    /// Its name.
    pub(super) name: &'static str,
    /// What it is given, and how the link to it is called.
    pub(super) file: (&'static str, &'static str),
    /// What comes after that, as HTML.
    pub(super) steps: &'static [&'static str],
    /// What else one should know, as HTML.
    pub(super) note: &'static str,
}

/// All of them. [`own`] says which a browser is of.
pub(super) const PLATFORMS: [Platform; 6] = [IOS, ANDROID, WINDOWS, MACOS, LINUX, FIREFOX];

const IOS: Platform = Platform {
    name: "iPhone and iPad",
    file: (PROFILE, "Get the profile"),
    steps: &[
        "Tap <b>Allow</b>, then close the message. It must be Safari that asks.",
        "Open the <b>Settings</b> app and tap <b>Profile Downloaded</b>, or <b>General › VPN &amp; Device Management</b>. \
         Compare the fingerprint, then <b>Install</b>.",
        "In <b>Settings › General › About › Certificate Trust Settings</b>, turn on <b>rtm2 authority</b>.",
    ],
    note: "Without the last step the profile is there, but nothing trusts it.",
};

const ANDROID: Platform = Platform {
    name: "Android",
    file: (CRT, "Get the certificate"),
    steps: &[
        "Open <b>Settings</b> and search for <b>CA certificate</b>. It is under <b>Security &amp; privacy › More security \
         settings › Encryption &amp; credentials › Install a certificate</b>.",
        "Tap <b>CA certificate</b>, then <b>Install anyway</b>. A screen lock is needed.",
        "Choose <b>rtm2-authority.crt</b> among the downloads.",
    ],
    note: "Firefox looks elsewhere: in its <b>Settings › About Firefox</b> tap the logo five times, then turn on \
           <b>Settings › Secret settings › Use third party CA certificates</b>.",
};

const WINDOWS: Platform = Platform {
    name: "Windows",
    file: (CRT, "Get the certificate"),
    steps: &[
        "Open the file, then <b>Install Certificate… › Current User</b>.",
        "<b>Place all certificates in the following store › Browse… › Trusted Root Certification Authorities</b>, then \
         <b>Finish</b> and <b>Yes</b>.",
        "Close the browser and open it again.",
    ],
    note: "Or in a terminal: <code>certutil -user -addstore Root rtm2-authority.crt</code>",
};

const MACOS: Platform = Platform {
    name: "Mac",
    file: (CRT, "Get the certificate"),
    steps: &[
        "Open the file: <b>Keychain Access</b> takes it into the keychain <b>login</b>.",
        "There, double-click <b>rtm2 authority</b>, open <b>Trust</b>, and choose <b>Always Trust</b>.",
        "Close the browser and open it again.",
    ],
    note: "Or in a terminal: <code>security add-trusted-cert -k ~/Library/Keychains/login.keychain-db \
           rtm2-authority.crt</code>",
};

const LINUX: Platform = Platform {
    name: "Linux",
    file: (PEM, "Get the certificate"),
    steps: &[
        "For Chrome and Chromium: <code>certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n rtm2 -i \
         rtm2-authority.pem</code> (package <code>libnss3-tools</code>), or their <b>Settings › Privacy and security › \
         Security › Manage certificates</b>.",
        "For programs such as curl: copy it to <code>/usr/local/share/ca-certificates/rtm2.crt</code> and run \
         <code>sudo update-ca-certificates</code>.",
        "Close the browser and open it again.",
    ],
    note: "",
};

const FIREFOX: Platform = Platform {
    name: "Firefox on computers",
    file: (PEM, "Get the certificate"),
    steps: &[
        "Open <b>Settings › Privacy &amp; Security › Certificates › View Certificates… › Authorities › Import…</b> and \
         choose the file.",
        "Turn on <b>Trust this CA to identify websites</b>, then <b>OK</b>.",
    ],
    note: "",
};

/// The index of a browser's platform in [`PLATFORMS`], by how it describes itself.
pub(super) fn own(user_agent: &str) -> usize {
    let is = |word: &str| user_agent.contains(word);
    // Phones first: they also name what they descend from.
    if is("iPhone") || is("iPad") {
        0
    } else if is("Android") {
        1
    } else if is("Firefox/") {
        5
    } else if is("Windows") {
        2
    } else if is("Macintosh") {
        3
    } else if is("Linux") || is("X11") || is("CrOS") {
        4
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_known_by_what_they_say() {
        let name = |user_agent| PLATFORMS[own(user_agent)].name;
        let agents = [
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1",
                "iPhone and iPad",
            ),
            ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/138.0 Mobile Safari/537.36", "Android"),
            ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Android"),
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/138.0 Safari/537.36", "Windows"),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari/605.1.15", "Mac"),
            ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/138.0 Safari/537.36", "Linux"),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on computers"),
        ];
        for (agent, expected) in agents {
            assert_eq!(name(agent), expected, "{agent}");
        }
    }
}
