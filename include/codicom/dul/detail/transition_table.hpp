#pragma once
#include <codicom/dul/state_machine.hpp>

#include <array>

namespace codicom::dul::detail {

// clang-format off
/// PS3.8 Table 9-10: a row per event, a column per state; `none` is a blank cell.
inline constexpr auto transition_table = [] {
  using enum action;
  using row = std::array<action, 13>;
  return std::array<row, 19>{
    // Sta1  Sta2  Sta3   Sta4  Sta5  Sta6  Sta7  Sta8  Sta9  Sta10  Sta11 Sta12 Sta13
    row{ae_1, none, none, none, none, none, none, none, none, none, none, none, none},  // A-ASSOCIATE request
    row{none, none, none, ae_2, none, none, none, none, none, none, none, none, none},  // transport connect confirmation
    row{none, aa_1, aa_8, none, ae_3, aa_8, aa_8, aa_8, aa_8, aa_8, aa_8, aa_8, aa_6},  // A-ASSOCIATE-AC
    row{none, aa_1, aa_8, none, ae_4, aa_8, aa_8, aa_8, aa_8, aa_8, aa_8, aa_8, aa_6},  // A-ASSOCIATE-RJ
    row{ae_5, none, none, none, none, none, none, none, none, none, none, none, none},  // transport connect indication
    row{none, ae_6, aa_8, none, aa_8, aa_8, aa_8, aa_8, aa_8, aa_8, aa_8, aa_8, aa_7},  // A-ASSOCIATE-RQ
    row{none, none, ae_7, none, none, none, none, none, none, none, none, none, none},  // A-ASSOCIATE response, accept
    row{none, none, ae_8, none, none, none, none, none, none, none, none, none, none},  // A-ASSOCIATE response, reject
    row{none, none, none, none, none, dt_1, none, ar_7, none, none, none, none, none},  // P-DATA request
    row{none, aa_1, aa_8, none, aa_8, dt_2, ar_6, aa_8, aa_8, aa_8, aa_8, aa_8, aa_6},  // P-DATA-TF
    row{none, none, none, none, none, ar_1, none, none, none, none, none, none, none},  // A-RELEASE request
    row{none, aa_1, aa_8, none, aa_8, ar_2, ar_8, aa_8, aa_8, aa_8, aa_8, aa_8, aa_6},  // A-RELEASE-RQ
    row{none, aa_1, aa_8, none, aa_8, aa_8, ar_3, aa_8, aa_8, ar_10, ar_3, aa_8, aa_6}, // A-RELEASE-RP
    row{none, none, none, none, none, none, none, ar_4, ar_9, none, none, ar_4, none},  // A-RELEASE response
    row{none, none, aa_1, aa_2, aa_1, aa_1, aa_1, aa_1, aa_1, aa_1, aa_1, aa_1, none},  // A-ABORT request
    row{none, aa_2, aa_3, none, aa_3, aa_3, aa_3, aa_3, aa_3, aa_3, aa_3, aa_3, aa_2},  // A-ABORT
    row{none, aa_5, aa_4, aa_4, aa_4, aa_4, aa_4, aa_4, aa_4, aa_4, aa_4, aa_4, ar_5},  // transport closed
    row{none, aa_2, none, none, none, none, none, none, none, none, none, none, aa_2},  // ARTIM expired
    row{none, aa_1, aa_8, none, aa_8, aa_8, aa_8, aa_8, aa_8, aa_8, aa_8, aa_8, aa_7},  // unrecognized or invalid PDU
  };
}();
// clang-format on

}  // namespace codicom::dul::detail
