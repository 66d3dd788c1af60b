/** What an error knows beyond its message: shapes, names, offsets; always plain values, so that it can be logged as JSON. */
export type ErrorData = Readonly<Record<string, unknown>>

/**
 * The base of everything Tenzo throws on purpose. `code` never changes between releases, the message may; `data`
 * holds the values the message speaks of.
 */
export class TenzoError extends Error {
  readonly code: string = 'ERR_TENZO'
  readonly data: ErrorData

  /** @param options `cause`: the error that this one comes of */
  constructor(message: string, data: ErrorData = {}, options?: { cause?: unknown }) {
    super(message, options)
    this.data = data
  }

  static {
    nameClass(this, 'TenzoError')
  }
}

// `name` lies on the prototype, as the built-in errors have it: own, it would be printed again after the stack.
function nameClass(errorClass: { prototype: Error }, name: string): void {
  Object.defineProperty(errorClass.prototype, 'name', { value: name, writable: true, configurable: true })
}

/** Shapes, dims or sizes that do not fit the operation or each other. */
export class ShapeError extends TenzoError {
  override readonly code: string = 'ERR_TENZO_SHAPE'
  static {
    nameClass(this, 'ShapeError')
  }
}

/** A dtype the operation does not take, or dtypes that may not be combined. */
export class DTypeError extends TenzoError {
  override readonly code: string = 'ERR_TENZO_DTYPE'
  static {
    nameClass(this, 'DTypeError')
  }
}

/** An index or a dim out of range, or an index of the wrong kind. */
export class IndexError extends TenzoError {
  override readonly code: string = 'ERR_TENZO_INDEX'
  static {
    nameClass(this, 'IndexError')
  }
}

/** An argument of the right type whose value is not allowed. */
export class ValueError extends TenzoError {
  override readonly code: string = 'ERR_TENZO_VALUE'
  static {
    nameClass(this, 'ValueError')
  }
}

/** An argument of the wrong type, a missing one, or an unknown option. PyTorch's TypeError. */
export class ArgumentError extends TenzoError {
  override readonly code: string = 'ERR_TENZO_ARGUMENT'
  static {
    nameClass(this, 'ArgumentError')
  }
}

/** A graph that cannot be built or walked: no gradient, freed buffers, a saved tensor changed in place. */
export class AutogradError extends TenzoError {
  override readonly code: string = 'ERR_TENZO_AUTOGRAD'
  static {
    nameClass(this, 'AutogradError')
  }
}

/** A state dict that does not fit the module or the optimizer it is loaded into. */
export class StateDictError extends TenzoError {
  override readonly code: string = 'ERR_TENZO_STATE_DICT'
  static {
    nameClass(this, 'StateDictError')
  }
}

/** A file or a buffer that is not what its format demands. */
export class FormatError extends TenzoError {
  override readonly code: string = 'ERR_TENZO_FORMAT'
  static {
    nameClass(this, 'FormatError')
  }
}

/**
 * A file that the system does not let be read or written: it is not there, there are no rights, no space, no quota. PyTorch's
 * OSError. `data` has the `path` and the system's `code` (`'ENOENT'`, which is Python's FileNotFoundError), `cause` its own error.
 */
export class FileError extends TenzoError {
  override readonly code: string = 'ERR_TENZO_FILE'
  static {
    nameClass(this, 'FileError')
  }
}

/** A tensor or a storage used after its release. */
export class ReleasedError extends TenzoError {
  override readonly code: string = 'ERR_TENZO_RELEASED'
  static {
    nameClass(this, 'ReleasedError')
  }
}

/** A module used in a way its state does not allow: a missing forward, a name taken twice. */
export class ModuleError extends TenzoError {
  override readonly code: string = 'ERR_TENZO_MODULE'
  static {
    nameClass(this, 'ModuleError')
  }
}

/** Something known to PyTorch that is not supported for these arguments. */
export class NotImplementedError extends TenzoError {
  override readonly code: string = 'ERR_TENZO_NOT_IMPLEMENTED'
  static {
    nameClass(this, 'NotImplementedError')
  }
}

/** Memory that could not be had. */
export class MemoryError extends TenzoError {
  override readonly code: string = 'ERR_TENZO_MEMORY'
  static {
    nameClass(this, 'MemoryError')
  }
}

/** The addon could not be loaded, or refused a command. Refusals are faults of Tenzo itself. */
export class NativeError extends TenzoError {
  override readonly code: string = 'ERR_TENZO_NATIVE'
  static {
    nameClass(this, 'NativeError')
  }
}
