"""Routes of `$edgeHub`: `FROM source [WHERE condition] INTO sink`.

https://learn.microsoft.com/azure/iot-edge/module-composition#declare-routes
"""
