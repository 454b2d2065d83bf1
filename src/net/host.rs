//! Which hosts a mailbox domain may send us to: public names only, since what names them is not always authenticated.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Endings of names that exist inside one house only (RFC 6761, RFC 6762, RFC 8375, and what routers give out).
const PRIVATE: &[&str] = &[
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "home.arpa",
    "test",
    "invalid",
    "onion",
    "in-addr.arpa",
    "ip6.arpa",
];

/// This machine, as a name or an address.
pub(super) fn is_loopback(host: &str) -> bool {
    let host = bare(host);
    host.eq_ignore_ascii_case("localhost")
        || host.to_ascii_lowercase().ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The host without the brackets an IPv6 address is written in beside a port.
pub(super) fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host)
}

/// A name that everyone understands alike: at least two labels of letters, digits and hyphens, no address in any
/// writing a system resolver takes for one (`127.1`, `0x7f000001`), none of the private endings.
pub(super) fn is_public_name(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    if host.len() > 253 {
        return false;
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let labels: Vec<&str> = host.split('.').collect();
    // the last label of a public name is never a number
    let is_named = labels.last().is_some_and(|last| {
        last.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && last.starts_with(|c: char| c.is_ascii_alphabetic())
    });
    labels.len() >= 2
        && labels.iter().all(|label| is_label(label))
        && is_named
        && !PRIVATE
            .iter()
            .any(|end| host == *end || host.strip_suffix(end).is_some_and(|above| above.ends_with('.')))
}

/// Both names are under one domain of two labels: `mssante.fr` for every MSSanté mailbox.
pub(super) fn is_kin(host: &str, domain: &str) -> bool {
    let end = |name: &str| {
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        let mut labels: Vec<String> = name.rsplit('.').take(2).map(str::to_owned).collect();
        labels.reverse();
        labels
    };
    end(host) == end(domain)
}

/// An address of the public network.
pub(super) fn is_public_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_public_v4(v4),
            None => is_public_v6(v6),
        },
    }
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, ..] = v4.octets();
    !(v4.is_private()
        || v4.is_loopback()
        || v4.is_link_local()
        || v4.is_unspecified()
        || v4.is_multicast()
        || v4.is_broadcast()
        // carriers' own (RFC 6598), "this network", benchmarks (RFC 2544), reserved
        || (a == 100 && (64..128).contains(&b))
        || a == 0
        || (a == 198 && (18..20).contains(&b))
        || a >= 240)
}

fn is_public_v6(v6: Ipv6Addr) -> bool {
    // global unicast is 2000::/3 and nothing else
    v6.segments().first().is_some_and(|first| first & 0xe000 == 0x2000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_names_are_taken() {
        for good in ["mail.mssante.fr", "MAIL-psc.formation.mailiz.mssante.fr.", "a.b"] {
            assert!(is_public_name(good), "{good}");
        }
        for bad in [
            "127.0.0.1",
            "127.1",
            "0x7f.1",
            "[::1]",
            "::1",
            "2130706433",
            "localhost",
            "a.localhost",
            "nas.local",
            "srv.lan",
            "box.home.arpa",
            "intranet",
            "",
            ".",
            "a..fr",
            "-a.fr",
            "a_b.fr",
            "a.fr/x",
            "a.fr:143",
            "é.fr",
            "10.0.0.1.",
        ] {
            assert!(!is_public_name(bad), "{bad}");
        }
    }

    #[test]
    fn only_public_addresses_are_taken() {
        for good in ["8.8.8.8", "2a01:e0a::1"] {
            assert!(is_public_address(good.parse().unwrap()), "{good}");
        }
        for bad in [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.1.1",
            "172.16.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "::1",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "255.255.255.255",
        ] {
            assert!(!is_public_address(bad.parse().unwrap()), "{bad}");
        }
    }

    #[test]
    fn kin_share_their_last_two_labels() {
        assert!(is_kin("mail.operateur.mssante.fr", "medecin.mssante.fr"));
        assert!(!is_kin("mail.mssante.fr.evil.example", "medecin.mssante.fr"));
        assert!(!is_kin("mssante.evil", "medecin.mssante.fr"));
    }
}
