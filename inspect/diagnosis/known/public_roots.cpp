#include "inspect/diagnosis/known/public_roots.h"

#include <algorithm>
#include <array>

#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

using enum PublicRoot::Fate;

constexpr std::string_view another_ca =
    "Replace the certificate by one of a CA that clients trust, and serve it with its intermediates.";
constexpr std::string_view newer_chain = "Serve the chain that the CA gives out today: it leads to a newer root.";
constexpr std::string_view never_trust =
    "Remove that root from every machine; somebody who has its key may be reading the traffic.";

constexpr PublicRoot symantec(std::string_view pattern) {
    return {
        "Symantec's old PKI",
        pattern,
        distrusted,
        "2018",
        "Chrome and Firefox distrusted all of Symantec's roots (VeriSign, GeoTrust, Thawte, RapidSSL) after mis-issuance; DigiCert took "
        "the business over.",
        another_ca};
}

// A longer name comes before one that is a part of it. The dates are the certificates' own and
// those that Mozilla, Chrome and Apple announced.
constexpr auto rows = std::to_array<PublicRoot>({
    {"DST Root CA X3", "DST Root CA X3", expired, "2021-09-30",
     "Let's Encrypt was cross-signed by it; its own root, ISRG Root X1, takes its place where the trust store has that one.",
     "Serve Let's Encrypt's shorter chain, which leads to ISRG Root X1 (certbot: --preferred-chain \"ISRG Root X1\")."},
    {"AddTrust External CA Root", "AddTrust External CA Root", expired, "2020-05-30",
     "Sectigo (Comodo) was cross-signed by it; USERTrust RSA Certification Authority takes its place where the trust store has that one.",
     "Take the expired cross-certificate (USERTrust signed by AddTrust) out of the chain that the server sends."},
    {"UTN-USERFirst-Hardware", "UTN-USERFirst-Hardware", expired, "2019-07-09",
     "Comodo's old root, long replaced by USERTrust's.", newer_chain},
    {"Baltimore CyberTrust Root", "Baltimore CyberTrust Root", expired, "2025-05-12",
     "Microsoft Azure, Cloudflare and others were below it; most moved to DigiCert Global Root G2.", newer_chain},
    {"GTE CyberTrust Global Root", "GTE CyberTrust Global Root", expired, "2018-08-13",
     "The forerunner of Baltimore CyberTrust Root.", newer_chain},
    {"Cybertrust Global Root", "Cybertrust Global Root", expired, "2021-12-15",
     "An old root of Verizon's, later DigiCert's.", newer_chain},
    {"GlobalSign Root CA - R2", "GlobalSign Root CA - R2", expired, "2021-12-15",
     "Google's certificates were below it; GTS Root R1 and GlobalSign's newer roots took its place.", newer_chain},
    {"Equifax Secure Certificate Authority", "Equifax Secure Certificate Authority", expired, "2018-08-22",
     "GeoTrust's oldest root.", newer_chain},
    {"QuoVadis Root Certification Authority", "QuoVadis Root Certification Authority", expired, "2021-03-17",
     "QuoVadis Root CA 2 and 3 and their G3 successors took its place.", newer_chain},
    {"Sonera Class2 CA", "Sonera Class2 CA", expired, "2021-04-06", "Telia's newer roots took its place.", newer_chain},
    {"Deutsche Telekom Root CA 2", "Deutsche Telekom Root CA 2", expired, "2019-07-09",
     "T-TeleSec GlobalRoot Class 2 took its place.", newer_chain},
    {"Security Communication RootCA1", "Security Communication RootCA1", expired, "2023-09-30",
     "SECOM's Security Communication RootCA2 took its place.", newer_chain},

    symantec("VeriSign"),
    symantec("O=Symantec Corporation"),
    symantec("GeoTrust Global CA"),
    symantec("GeoTrust Primary Certification Authority"),
    symantec("GeoTrust Universal CA"),
    symantec("thawte Primary Root CA"),
    symantec("RapidSSL SHA256 CA"),
    {"DigiNotar", "DigiNotar", distrusted, "2011",
     "It was broken into, and certificates for Google and others were forged.", another_ca},
    {"CNNIC", "CNNIC ROOT", distrusted, "2015", "An intermediate of it was used to intercept traffic.", another_ca},
    {"CNNIC", "China Internet Network Information Center", distrusted, "2015",
     "An intermediate of it was used to intercept traffic.", another_ca},
    {"WoSign", "WoSign", distrusted, "2016",
     "Mozilla, Apple and Google distrusted it after mis-issuance and backdated certificates.", another_ca},
    {"StartCom", "StartCom", distrusted, "2016",
     "Mozilla, Apple and Google distrusted it together with WoSign, which owned it.", another_ca},
    {"PROCERT", "PSCProcert", distrusted, "2017", "Mozilla removed it after mis-issuance.", another_ca},
    {"Certinomis", "Certinomis", distrusted, "2019", "Mozilla removed it after mis-issuance.", another_ca},
    {"Camerfirma", "Camerfirma", distrusted, "2021",
     "Chrome and Mozilla removed it after years of compliance failures.", another_ca},
    {"Camerfirma", "Chambers of Commerce Root", distrusted, "2021", "Chrome and Mozilla removed Camerfirma's roots.",
     another_ca},
    {"Camerfirma", "Global Chambersign Root", distrusted, "2021", "Chrome and Mozilla removed Camerfirma's roots.",
     another_ca},
    {"TrustCor", "TrustCor", distrusted, "2022",
     "Mozilla and Microsoft distrusted it for its ties to a maker of spyware.", another_ca},
    {"e-Tugra", "E-Tugra", distrusted, "2023", "Mozilla and Chrome removed it after security holes in its systems.",
     another_ca},
    {"AAA Certificate Services", "AAA Certificate Services", distrusted, "2025-04-15",
     "Mozilla no longer trusts a root of that age for web servers; Sectigo has newer ones.", newer_chain},
    {"GLOBALTRUST", "GLOBALTRUST 2020", limited, "2024-06-30",
     "Chrome refuses certificates issued below it after that day.", another_ca},
    {"Entrust", "Entrust Root Certification Authority", limited, "2024-11-11",
     "Chrome refuses certificates issued below Entrust's roots after that day, Mozilla those after 2024-11-30.",
     another_ca},
    {"Entrust", "Entrust.net Certification Authority (2048)", limited, "2024-11-11",
     "Chrome refuses certificates issued below Entrust's roots after that day, Mozilla those after 2024-11-30.",
     another_ca},
    {"Entrust's AffirmTrust", "AffirmTrust", limited, "2024-11-11",
     "Chrome refuses certificates issued below Entrust's roots, AffirmTrust's among them, after that day, Mozilla those after "
     "2024-11-30.",
     another_ca},
    {"Chunghwa Telecom", "ePKI Root Certification Authority", limited, "2025-07-31",
     "Chrome refuses certificates issued below Chunghwa Telecom's roots after that day.", another_ca},
    {"Chunghwa Telecom", "HiPKI Root CA - G1", limited, "2025-07-31",
     "Chrome refuses certificates issued below Chunghwa Telecom's roots after that day.", another_ca},
    {"NetLock", "NetLock Arany", limited, "2025-07-31", "Chrome refuses certificates issued below it after that day.",
     another_ca},

    {"Superfish", "Superfish", leaked, "2015", "Lenovo put it on laptops with its private key.", never_trust},
    {"eDellRoot", "eDellRoot", leaked, "2015", "Dell put it on laptops with its private key.", never_trust},
});

}  // namespace

std::span<const PublicRoot> public_roots() { return rows; }

const PublicRoot* find_public_root(std::string_view distinguished_name) {
    const auto found =
        std::ranges::find_if(rows, [&](const PublicRoot& row) { return mentions(distinguished_name, row.pattern); });
    return found == rows.end() ? nullptr : &*found;
}

}  // namespace inspect::diagnosis
