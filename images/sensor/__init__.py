"""A machine's sensor: behaves like Microsoft's simulated temperature sensor 1.6, where that image cannot be pulled.

https://github.com/Azure/iotedge/tree/main/edge-modules/SimulatedTemperatureSensor
"""
