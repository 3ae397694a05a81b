import ArgumentParser
import ServiceLifecycle
import Logging
import DequeModule
import HeapModule
print("x")
