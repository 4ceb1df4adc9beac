#include <codicom/dictionary/sop_classes.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/dul/plan.hpp>

#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace codicom;
using namespace codicom::dul;

namespace {

namespace ts = transfer_syntax;
constexpr const unique_id& ct = sop_class::CTImageStorage;
constexpr const unique_id& mr = sop_class::MRImageStorage;

// What a requestor has after an acceptor with this policy has answered.
association_parameters agreed(const proposal& contexts, const acceptor_policy& policy) {
  const auto request = make_request(requestor_options{"SCU", "SCP"}, contexts);
  const auto answer = negotiate(request, policy);
  REQUIRE(std::holds_alternative<a_associate_ac>(answer));
  return association_parameters{association_role::requestor, request, std::get<a_associate_ac>(answer)};
}

bool offers(const proposal& contexts, const unique_id& sop_class, const std::vector<unique_id>& syntaxes) {
  for (const auto& each : contexts.contexts())
    if (each.abstract_syntax == sop_class && each.transfer_syntaxes == syntaxes) return true;
  return false;
}

}  // namespace

TEST_CASE("a plan gives each transfer syntax a context of its own, and one in which objects can be converted") {
  const std::vector<outgoing_object> objects{{ct, ts::ExplicitVRLittleEndian},
                                             {ct, ts::JPEG2000Lossless},
                                             {mr, ts::ExplicitVRBigEndian},
                                             {ct, ts::JPEG2000Lossless}};
  const auto planned = plan(objects);
  REQUIRE(planned.size() == 1);
  CHECK(planned[0].objects == std::vector<std::size_t>{0, 1, 2, 3});
  const auto& contexts = planned[0].contexts;
  CHECK(offers(contexts, ct, {ts::ExplicitVRLittleEndian}));
  CHECK(offers(contexts, ct, {ts::ExplicitVRLittleEndian, ts::ImplicitVRLittleEndian}));
  CHECK(offers(contexts, ct, {ts::JPEG2000Lossless}));
  CHECK(offers(contexts, mr, {ts::ExplicitVRBigEndian}));
  CHECK(offers(contexts, mr, {ts::ExplicitVRLittleEndian, ts::ImplicitVRLittleEndian}));
}

TEST_CASE("Implicit VR Little Endian is offered for every class but those of which all is compressed with loss") {
  // PS3.5 §10.1
  for (const auto& syntax : all_transfer_syntaxes()) {
    CAPTURE(syntax.str());
    const std::vector<outgoing_object> objects{{ct, syntax}};
    const auto planned = plan(objects);
    REQUIRE(planned.size() == 1);
    bool offered = false;
    for (const auto& each : planned[0].contexts.contexts())
      for (const auto& one : each.transfer_syntaxes) offered = offered || one == ts::ImplicitVRLittleEndian;
    const bool lossy = syntax == ts::JPEGBaseline8Bit || syntax == ts::JPEG2000 || syntax == ts::MPEG2MPML;
    const bool lossless = !is_encapsulated(syntax) || syntax == ts::RLELossless || syntax == ts::JPEGLosslessSV1;
    if (lossy) CHECK_FALSE(offered);
    if (lossless) CHECK(offered);
  }
}

TEST_CASE("128 contexts go into one association, the next ones into a further one; each object into exactly one") {
  for (const std::size_t count : {64u, 65u, 129u}) {
    std::vector<outgoing_object> objects;
    for (std::size_t i = 0; i < count; ++i)  // two contexts each
      objects.emplace_back(unique_id{"1.2.3." + std::to_string(i)}, ts::ExplicitVRLittleEndian);
    objects.push_back(objects.front());
    const auto planned = plan(objects);
    CHECK(planned.size() == (count + 63) / 64);
    std::vector<int> seen(objects.size());
    for (const auto& each : planned) {
      CHECK(each.contexts.fits());
      for (const auto place : each.objects) ++seen[place];
    }
    for (const auto times : seen) CHECK(times == 1);
    CHECK(planned.front().objects.back() == count);  // the same kind goes where its kind goes
  }
  CHECK(plan({}).empty());
  const std::vector<outgoing_object> two{{ct, ts::JPEG2000}, {mr, ts::JPEG2000}};
  CHECK(plan(two, &both_uncompressed, 1).size() == 2);
  CHECK(plan(two, &both_uncompressed, 2).size() == 1);
}

TEST_CASE("what was negotiated says in words what cannot be sent") {
  const std::vector<outgoing_object> objects{{ct, ts::ExplicitVRLittleEndian},
                                             {ct, ts::JPEG2000},
                                             {mr, ts::ExplicitVRLittleEndian},
                                             {ct, ts::JPEG2000},
                                             {ct, ts::ExplicitVRBigEndian}};
  auto planned = plan(objects);
  REQUIRE(planned.size() == 1);
  acceptor_policy takes_ct;
  takes_ct.accept(ct, {ts::ImplicitVRLittleEndian});
  const auto parameters = agreed(planned[0].contexts, takes_ct);
  // Converted.
  REQUIRE(context_for(parameters, objects[0]) != nullptr);
  CHECK(context_for(parameters, objects[0])->transfer_syntax == ts::ImplicitVRLittleEndian);
  CHECK(context_for(parameters, objects[4]) != nullptr);
  CHECK(context_for(parameters, objects[1]) == nullptr);

  const auto problems = explain(parameters, objects);
  REQUIRE(problems.size() == 2);
  CHECK(problems[0].objects == std::vector<std::size_t>{1, 3});
  CHECK(problems[0].why ==
        "CT Image Storage: accepted in Implicit VR Little Endian, but the object is in "
        "JPEG 2000 Image Compression, which is not converted to that");
  CHECK(problems[1].objects == std::vector<std::size_t>{2});
  CHECK(problems[1].why.find("MR Image Storage: SOP class not supported") == 0);

  acceptor_policy takes_all;
  takes_all.accept(ct, {ts::JPEG2000, ts::ExplicitVRLittleEndian, ts::ExplicitVRBigEndian}).accept(mr);
  const auto everything = agreed(planned[0].contexts, takes_all);
  CHECK(explain(everything, objects).empty());
  for (const auto& each : objects) {
    REQUIRE(context_for(everything, each) != nullptr);
    CHECK(context_for(everything, each)->transfer_syntax == each.transfer_syntax);
  }
}

TEST_CASE("a class accepted in the other role only cannot be sent") {
  proposal contexts;
  contexts.add(ct).role(ct, false, true);
  acceptor_policy policy;
  policy.accept(ct).allow_requestor_as_scp(ct);
  const auto parameters = agreed(contexts, policy);
  const std::vector<outgoing_object> objects{{ct, ts::ExplicitVRLittleEndian}};
  const auto problems = explain(parameters, objects);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].why.find("role") != std::string::npos);
}
