"""Routes of `$edgeHub`: `FROM source [WHERE condition] INTO sink`. Each of these lines stands on those below it:

    configuration                       the desired properties, read
    routes                              one route, and the table of them
    conditions                          tokens to a function of the message
    functions, lookups, operators
    lexer, values
    errors

https://learn.microsoft.com/azure/iot-edge/module-composition#declare-routes
"""
