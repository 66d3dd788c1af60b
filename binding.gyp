{
  # CMakeLists.txt is the one build truth; this only lets node-gyp and prebuildify reach it:
  #   npx prebuildify --napi --strip --name tenzo
  "targets": [
    {
      "target_name": "tenzo",
      "type": "none",
      "actions": [
        {
          "action_name": "cmake",
          "inputs": ["CMakeLists.txt"],
          "outputs": ["<(PRODUCT_DIR)/tenzo.node"],
          "action": ["node", "scripts/build-native.mjs", "--copy-to", "<(PRODUCT_DIR)"]
        }
      ]
    }
  ]
}
