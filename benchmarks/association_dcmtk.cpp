// DCMTK's library as its tools use it, one process a side, TCP_NODELAY=1 and PDUs of up to 128 KiB.
#include "association_stack.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmnet/assoc.h>
#include <dcmtk/dcmnet/dimse.h>
#include <dcmtk/dcmnet/diutil.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>

namespace association_bench {
namespace {

constexpr T_ASC_PresentationContextID echo_context = 1, find_context = 3, store_context = 5;
constexpr int timeout = 20;

void check(const OFCondition& outcome) {
  if (outcome.bad()) throw std::runtime_error{outcome.text()};
}

struct matches_to_give {
  int count;
};

void give_match(void* data, OFBool, T_DIMSE_C_FindRQ*, DcmDataset*, int number, T_DIMSE_C_FindRSP* response,
                DcmDataset** identifier, DcmDataset**) {
  if (number > static_cast<matches_to_give*>(data)->count) {
    response->DimseStatus = STATUS_Success;
    return;
  }
  response->DimseStatus = STATUS_Pending;
  auto* found = new DcmDataset;
  const auto text = std::to_string(number);
  found->putAndInsertString(DCM_QueryRetrieveLevel, "STUDY");
  found->putAndInsertString(DCM_PatientName, "ALLISON^EDWARD");
  found->putAndInsertString(DCM_PatientID, "1234567");
  found->putAndInsertString(DCM_StudyDate, "20261122");
  found->putAndInsertString(DCM_StudyTime, "101500");
  found->putAndInsertString(DCM_AccessionNumber, ("A" + text).c_str());
  found->putAndInsertString(DCM_ModalitiesInStudy, "MR");
  found->putAndInsertString(DCM_StudyDescription, "HEAD");
  found->putAndInsertString(DCM_StudyID, "1");
  found->putAndInsertString(DCM_StudyInstanceUID, ("1.2.840.113619.2.1." + text).c_str());
  *identifier = found;
}

void count_match(void* data, T_DIMSE_C_FindRQ*, int, T_DIMSE_C_FindRSP*, DcmDataset*) { ++*static_cast<std::size_t*>(data); }

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  ::bind(fd, reinterpret_cast<sockaddr*>(&at), size);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
  ::close(fd);
  return ntohs(at.sin_port);
}

// An association that we asked for.
class requested {
 public:
  requested(std::uint16_t port, const settings& how, const char* sop_class = nullptr) {
    check(ASC_initializeNetwork(NET_REQUESTOR, 0, timeout, &network_));
    T_ASC_Parameters* parameters = nullptr;
    check(ASC_createAssociationParameters(&parameters, how.max_pdu));
    ASC_setAPTitles(parameters, "BENCH", "ANY-SCP", nullptr);
    ASC_setPresentationAddresses(parameters, "localhost", ("127.0.0.1:" + std::to_string(port)).c_str());
    const char* syntaxes[] = {UID_LittleEndianExplicitTransferSyntax, UID_LittleEndianImplicitTransferSyntax};
    ASC_addPresentationContext(parameters, echo_context, UID_VerificationSOPClass, syntaxes, 2);
    ASC_addPresentationContext(parameters, find_context, UID_FINDStudyRootQueryRetrieveInformationModel, syntaxes, 2);
    if (sop_class != nullptr) ASC_addPresentationContext(parameters, store_context, sop_class, syntaxes, 1);
    check(ASC_requestAssociation(network_, parameters, &association_));
  }
  requested(const requested&) = delete;
  requested& operator=(const requested&) = delete;
  ~requested() {
    ASC_releaseAssociation(association_);
    ASC_destroyAssociation(&association_);
    ASC_dropNetwork(&network_);
  }
  [[nodiscard]] T_ASC_Association* get() const { return association_; }
  void echo() {
    DIC_US status = 0;
    DcmDataset* detail = nullptr;
    check(DIMSE_echoUser(association_, association_->nextMsgID++, DIMSE_BLOCKING, timeout, &status, &detail));
  }

 private:
  T_ASC_Network* network_ = nullptr;
  T_ASC_Association* association_ = nullptr;
};

class dcmtk final : public stack {
 public:
  dcmtk() {
    ::setenv("TCP_NODELAY", "1", 1);
    OFLog::configure(OFLogger::FATAL_LOG_LEVEL);
    dcmDisableGethostbyaddr.set(OFTrue);
    dcmEnableAutomaticInputDataCorrection.set(OFFalse);
  }
  const char* name() const override { return "DCMTK"; }

  void serve(const settings& how, const std::function<void(std::uint16_t)>& ready) override {
    const auto port = free_port();
    T_ASC_Network* network = nullptr;
    check(ASC_initializeNetwork(NET_ACCEPTOR, port, timeout, &network));
    ready(port);
    for (;;) {
      T_ASC_Association* association = nullptr;
      if (ASC_receiveAssociation(network, &association, how.max_pdu).bad()) continue;
      const char* syntaxes[] = {UID_LittleEndianExplicitTransferSyntax, UID_LittleEndianImplicitTransferSyntax};
      const char* classes[] = {UID_VerificationSOPClass, UID_FINDStudyRootQueryRetrieveInformationModel, UID_MRImageStorage};
      ASC_acceptContextsWithPreferredTransferSyntaxes(association->params, classes, 3, syntaxes, 2);
      ASC_acknowledgeAssociation(association);
      OFCondition outcome = EC_Normal;
      while (outcome.good()) outcome = serve_one(association, how);
      if (outcome == DUL_PEERREQUESTEDRELEASE) ASC_acknowledgeRelease(association);
      ASC_dropSCPAssociation(association);
      ASC_destroyAssociation(&association);
    }
  }

  double store(std::uint16_t port, const settings& how, const object& what, std::size_t times) override {
    dcmMaxOutgoingPDUSize.set(how.max_pdu);
    DcmInputBufferStream input;
    input.setBuffer(what.bytes.data(), static_cast<offile_off_t>(what.bytes.size()));
    input.setEos();
    DcmDataset data_set;
    data_set.transferInit();
    check(data_set.read(input, EXS_LittleEndianExplicit));
    data_set.transferEnd();
    requested association{port, how, what.sop_class};
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < times; ++i) {
      T_DIMSE_C_StoreRQ request{};
      T_DIMSE_C_StoreRSP response{};
      request.MessageID = association.get()->nextMsgID++;
      OFStandard::strlcpy(request.AffectedSOPClassUID, what.sop_class, sizeof request.AffectedSOPClassUID);
      OFStandard::strlcpy(request.AffectedSOPInstanceUID, what.sop_instance, sizeof request.AffectedSOPInstanceUID);
      request.DataSetType = DIMSE_DATASET_PRESENT;
      request.Priority = DIMSE_PRIORITY_MEDIUM;
      DcmDataset* detail = nullptr;
      check(DIMSE_storeUser(association.get(), store_context, &request, nullptr, &data_set, nullptr, nullptr, DIMSE_BLOCKING,
                            timeout, &response, &detail));
      if (response.DimseStatus != STATUS_Success) throw std::runtime_error{"C-STORE failed"};
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    return took.count();
  }

  double echo(std::uint16_t port, std::size_t times) override {
    requested association{port, {}};
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < times; ++i) association.echo();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    return took.count();
  }

  double find(std::uint16_t port, const settings& how) override {
    requested association{port, how};
    DcmDataset keys;
    keys.putAndInsertString(DCM_QueryRetrieveLevel, "STUDY");
    for (const auto& key : {DCM_PatientName, DCM_PatientID, DCM_StudyDate, DCM_StudyTime, DCM_AccessionNumber,
                            DCM_StudyDescription, DCM_StudyID, DCM_StudyInstanceUID})
      keys.insertEmptyElement(key);
    T_DIMSE_C_FindRQ request{};
    T_DIMSE_C_FindRSP response{};
    request.MessageID = association.get()->nextMsgID++;
    OFStandard::strlcpy(request.AffectedSOPClassUID, UID_FINDStudyRootQueryRetrieveInformationModel,
                        sizeof request.AffectedSOPClassUID);
    request.DataSetType = DIMSE_DATASET_PRESENT;
    DcmDataset* detail = nullptr;
    int responses = 0;
    std::size_t count = 0;
    const auto start = std::chrono::steady_clock::now();
    check(DIMSE_findUser(association.get(), find_context, &request, &keys, responses, count_match, &count, DIMSE_BLOCKING,
                         timeout, &response, &detail));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    if (count != how.matches) throw std::runtime_error{std::to_string(count) + " matches"};
    return took.count();
  }

  double associate(std::uint16_t port, std::size_t times) override {
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < times; ++i) requested{port, {}}.echo();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    return took.count();
  }

 private:
  OFCondition serve_one(T_ASC_Association* association, const settings& how) {
    T_ASC_PresentationContextID context = 0;
    T_DIMSE_Message message{};
    DcmDataset* detail = nullptr;
    const auto outcome = DIMSE_receiveCommand(association, DIMSE_BLOCKING, 0, &context, &message, &detail);
    if (outcome.bad()) return outcome;
    switch (message.CommandField) {
      case DIMSE_C_ECHO_RQ: return DIMSE_sendEchoResponse(association, context, &message.msg.CEchoRQ, STATUS_Success, nullptr);
      case DIMSE_C_FIND_RQ: {
        matches_to_give give{static_cast<int>(how.matches)};
        return DIMSE_findProvider(association, context, &message.msg.CFindRQ, give_match, &give, DIMSE_BLOCKING, timeout);
      }
      case DIMSE_C_STORE_RQ: {
        if (!how.folder.empty()) {  // bit for bit, as storescp +B does
          const auto file = how.folder / std::to_string(number_++);
          return DIMSE_storeProvider(association, context, &message.msg.CStoreRQ, file.c_str(), 1, nullptr, nullptr, nullptr,
                                     DIMSE_BLOCKING, timeout);
        }
        DcmDataset received;
        auto* place = &received;
        return DIMSE_storeProvider(association, context, &message.msg.CStoreRQ, nullptr, 0, &place, nullptr, nullptr,
                                   DIMSE_BLOCKING, timeout);
      }
      default: return DIMSE_BADCOMMANDTYPE;
    }
  }

  std::size_t number_ = 0;
};

}  // namespace

stack* dcmtk_stack() {
  static dcmtk one;
  return &one;
}

}  // namespace association_bench
