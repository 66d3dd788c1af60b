// The addon: set-up through node-addon-api, the hot calls (`run`, `track`, `sweep`) through raw Node-API.
// One Environment per Node environment (main thread, each Worker, each jest module registry); nothing is static here.
#include <napi.h>

#include <cstdlib>
#include <vector>

#if defined(__GLIBC__)
#include <malloc.h>
#elif defined(__APPLE__)
#include <malloc/malloc.h>
#endif

#include "dispatch/run.h"
#include "threads/threads.h"

namespace tenzo {
namespace {

struct Environment {
  double* buffer = nullptr;
  int64_t slots = 0;
  napi_ref bufferRef = nullptr;
  // Weak references to the handles of pooled memory, by index; null where free.
  std::vector<napi_ref> handles;
  std::vector<int32_t> freeIndices;
};

Environment* environment(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return static_cast<Environment*>(data);
}

// run(): status code. No arguments: reading them costs more than a small kernel.
napi_value run(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  auto* e = static_cast<Environment*>(data);
  napi_value result;
  const int32_t status = e->buffer ? runBuffer(e->buffer, e->slots) : BAD_COMMAND;
  napi_create_int32(env, status, &result);
  return result;
}

// track(objects, indices: Int32Array, count)
napi_value track(napi_env env, napi_callback_info info) {
  size_t argc = 3;
  napi_value args[3];
  void* data = nullptr;
  napi_get_cb_info(env, info, &argc, args, nullptr, &data);
  auto* e = static_cast<Environment*>(data);
  void* indicesData = nullptr;
  size_t length = 0;
  int32_t count = 0;
  if (argc < 3 || napi_get_typedarray_info(env, args[1], nullptr, &length, &indicesData, nullptr, nullptr) != napi_ok ||
      napi_get_value_int32(env, args[2], &count) != napi_ok)
    return nullptr;
  auto* indices = static_cast<int32_t*>(indicesData);
  for (int32_t i = 0; i < count && static_cast<size_t>(i) < length; i++) {
    napi_handle_scope scope;
    napi_open_handle_scope(env, &scope);
    napi_value object;
    napi_ref ref = nullptr;
    indices[i] = -1;
    if (napi_get_element(env, args[0], i, &object) == napi_ok &&
        napi_create_reference(env, object, 0, &ref) == napi_ok) {
      if (e->freeIndices.empty()) {
        indices[i] = static_cast<int32_t>(e->handles.size());
        e->handles.push_back(ref);
      } else {
        indices[i] = e->freeIndices.back();
        e->freeIndices.pop_back();
        e->handles[indices[i]] = ref;
      }
    }
    napi_close_handle_scope(env, scope);
  }
  return nullptr;
}

// sweep(indices: Int32Array): number of dead handles written
napi_value sweep(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value args[1];
  void* data = nullptr;
  napi_get_cb_info(env, info, &argc, args, nullptr, &data);
  auto* e = static_cast<Environment*>(data);
  void* indicesData = nullptr;
  size_t length = 0;
  size_t dead = 0;
  if (argc == 1 &&
      napi_get_typedarray_info(env, args[0], nullptr, &length, &indicesData, nullptr, nullptr) == napi_ok) {
    auto* indices = static_cast<int32_t*>(indicesData);
    const size_t n = e->handles.size();
    for (size_t begin = 0; begin < n; begin += 512) {  // a handle scope a block: each look makes a local handle
      napi_handle_scope scope;
      napi_open_handle_scope(env, &scope);
      for (size_t i = begin; i < n && i < begin + 512; i++) {
        if (!e->handles[i] || dead == length) continue;
        napi_value object = nullptr;
        napi_get_reference_value(env, e->handles[i], &object);
        if (object) continue;
        napi_delete_reference(env, e->handles[i]);
        e->handles[i] = nullptr;
        e->freeIndices.push_back(static_cast<int32_t>(i));
        indices[dead++] = static_cast<int32_t>(i);
      }
      napi_close_handle_scope(env, scope);
    }
  }
  napi_value result;
  napi_create_uint32(env, static_cast<uint32_t>(dead), &result);
  return result;
}

Napi::Value init(const Napi::CallbackInfo& info) {
  auto* e = environment(info.Env());
  Napi::ArrayBuffer buffer = info[0].As<Napi::ArrayBuffer>();
  if (e->bufferRef) napi_delete_reference(info.Env(), e->bufferRef);
  napi_create_reference(info.Env(), buffer, 1, &e->bufferRef);
  e->buffer = static_cast<double*>(buffer.Data());
  e->slots = static_cast<int64_t>(buffer.ByteLength() / sizeof(double));
  return Napi::Number::New(info.Env(), static_cast<double>(reinterpret_cast<uintptr_t>(buffer.Data())));
}

Napi::Value addressOf(const Napi::CallbackInfo& info) {
  if (info.Length() != 1 || !info[0].IsArrayBuffer()) return info.Env().Undefined();
  return Napi::Number::New(info.Env(),
                           static_cast<double>(reinterpret_cast<uintptr_t>(info[0].As<Napi::ArrayBuffer>().Data())));
}

// trim(): the C library keeps freed memory to itself, most of it for good where something small lies above.
void trim(const Napi::CallbackInfo&) {
#if defined(__GLIBC__)
  malloc_trim(0);
#elif defined(__APPLE__)
  malloc_zone_pressure_relief(nullptr, 0);
#endif
}

Napi::Value cpuLevels(const Napi::CallbackInfo& info) {
  Napi::Array result = Napi::Array::New(info.Env());
  uint32_t n = 0;
  for (int l = 0; l < LEVEL_COUNT; l++)
    if (levelSupported(static_cast<Level>(l)))
      result.Set(n++, Napi::String::New(info.Env(), levelName(static_cast<Level>(l))));
  return result;
}

void raw(napi_env env, Napi::Object exports, const char* name, napi_callback callback, void* data) {
  napi_value fn;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, data, &fn);
  napi_set_named_property(env, exports, name, fn);
}

Napi::Object start(Napi::Env env, Napi::Object exports) {
  auto* e = new Environment();
  napi_set_instance_data(
      env, e, [](napi_env, void* data, void*) { delete static_cast<Environment*>(data); }, nullptr);
  raw(env, exports, "run", run, e);
  raw(env, exports, "track", track, e);
  raw(env, exports, "sweep", sweep, e);
  exports.Set("init", Napi::Function::New(env, init));
  exports.Set("addressOf", Napi::Function::New(env, addressOf));
  exports.Set("discard", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                if (info.Length() == 1 && info[0].IsArrayBuffer()) info[0].As<Napi::ArrayBuffer>().Detach();
              }));
  exports.Set("trim", Napi::Function::New(env, trim));
  exports.Set("cpuLevels", Napi::Function::New(env, cpuLevels));
  exports.Set("cpuLevel", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                return Napi::Value(Napi::String::New(info.Env(), levelName(level())));
              }));
  exports.Set("numThreads", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                return Napi::Value(Napi::Number::New(info.Env(), numThreads()));
              }));
  exports.Set("setNumThreads", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                setNumThreads(info[0].As<Napi::Number>().Int32Value());
              }));
  return exports;
}

}  // namespace
}  // namespace tenzo

static Napi::Object Init(Napi::Env env, Napi::Object exports) { return tenzo::start(env, exports); }
NODE_API_MODULE(tenzo, Init)
