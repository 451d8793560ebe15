/**
 * Parameters, variables and functions of one ARM template by their names. Defaults and variables are evaluated once each,
 * when they are first needed: what nothing refers to may lack a value, or use what cannot be evaluated here.
 */
import { nearMatch } from '../near-match.ts';
import { copiesOf, membersOf } from './arm-copies.ts';
import type { ArmEvaluator, ArmNames } from './arm-evaluator.ts';
import { ArmFault } from './arm-fault.ts';
import type { ArmPlace } from './arm-fault.ts';
import type { ArmMember, ArmNode } from './arm-json.ts';
import { checkParameter, readDefinition, secureWanted, toParameter } from './arm-parameter-types.ts';
import type { ParameterDefinition } from './arm-parameter-types.ts';
import type { GivenParameter } from './arm-parameters-file.ts';
import { OUTERMOST } from './arm-scope.ts';
import type { ArmSource } from './arm-source.ts';
import { ArmSecret, NOTHING, plain } from './arm-value.ts';
import type { ArmValue } from './arm-value.ts';

/** Evaluated later, once. */
type Later = () => ArmValue;

export class ArmTemplateNames implements ArmNames {
  readonly warnings: string[] = [];
  readonly #source: ArmSource;
  readonly #root: Readonly<Record<string, ArmNode | undefined>>;
  readonly #parameters = new Map<string, { readonly name: string; readonly value: Later }>();
  readonly #variables = new Map<string, { readonly name: string; readonly value: Later }>();
  readonly #running: string[] = [];
  #evaluator: ArmEvaluator | undefined;

  constructor(source: ArmSource, root: Readonly<Record<string, ArmNode | undefined>>) {
    this.#source = source;
    this.#root = root;
  }

  /** What is given before is used first. Faults go into the list. */
  prepare(evaluator: ArmEvaluator, given: readonly GivenParameter[], faults: ArmFault[]): void {
    this.#evaluator = evaluator;
    const definitions = this.#root['parameters'];
    const members = definitions?.kind === 'object' ? definitions.members : [];
    const left = new Map(given.toReversed().map((one) => [one.name.toLowerCase(), one]));
    for (const member of members) {
      const one = left.get(member.key.toLowerCase());
      left.delete(member.key.toLowerCase());
      try {
        const value = this.#prepareParameter(member, one);
        this.#parameters.set(member.key.toLowerCase(), { name: member.key, value });
      } catch (error) {
        if (!(error instanceof ArmFault)) throw error;
        faults.push(error.at(one?.place ?? this.#place(member.keyStart)));
        const again = error;
        this.#parameters.set(member.key.toLowerCase(), { name: member.key, value: () => fail(again) });
      }
    }
    const names = members.map(({ key }) => key);
    for (const one of left.values()) faults.push(this.#unknownParameter(one, names));
    this.#prepareVariables();
  }

  parameter(name: string): ArmValue {
    return this.#named(this.#parameters, name, 'parameter');
  }

  variable(name: string): ArmValue {
    return this.#named(this.#variables, name, 'variable');
  }

  userFunction(name: string, args: readonly ArmValue[]): ArmValue | undefined {
    const [space = '', own = ''] = name.split('.');
    const functions = this.#root['functions'];
    const spaces = functions?.kind === 'list' ? functions.items.map(membersOf) : [];
    const found = spaces
      .filter(({ namespace }) => namespace?.kind === 'text' && namespace.value.toLowerCase() === space.toLowerCase())
      .map(({ members }) => membersOf(members)[own.toLowerCase()])
      .find((one) => one !== undefined);
    if (found === undefined || this.#evaluator === undefined) return undefined;
    const { parameters, output } = membersOf(found);
    const items = parameters?.kind === 'list' ? parameters.items : [];
    if (items.length !== args.length)
      throw new ArmFault(`${name} takes ${items.length} argument${items.length === 1 ? '' : 's'}, got ${args.length}`);
    const values = new Map<string, ArmValue>();
    for (const [index, item] of items.entries()) {
      const named = membersOf(item)['name'];
      if (named?.kind === 'text') values.set(named.value.toLowerCase(), args[index] ?? NOTHING);
    }
    const { value } = membersOf(output);
    if (value === undefined) throw new ArmFault(`${name} has no output.value`);
    return this.#evaluator.evaluate(value, { ...OUTERMOST, parameters: values });
  }

  #prepareParameter(member: ArmMember, given: GivenParameter | undefined): Later {
    const { key: name, value: node, keyStart } = member;
    let definition: ParameterDefinition;
    try {
      definition = readDefinition(name, node, this.#root['definitions']);
    } catch (error) {
      throw error instanceof ArmFault ? error.at(this.#place(keyStart)) : error;
    }
    const fallback = definition.parts['defaultvalue'];
    if (definition.isSecure) {
      given?.hide?.();
      if (fallback !== undefined) this.#source.hide(fallback);
    }
    if (given !== undefined) {
      if (given.isReference && !definition.isSecure) throw secureWanted(definition);
      const value = toParameter(definition, given.json);
      checkParameter(definition, value);
      this.#warn(definition, value, given.place === undefined ? 'the value that the config gives' : 'its value');
      return () => value;
    }
    return this.#once(`parameter ${name}`, () => {
      if (fallback !== undefined) return this.#default(definition, fallback);
      const nullable = definition.parts['nullable'];
      if (nullable?.kind === 'plain' && nullable.value === true) return NOTHING;
      throw new ArmFault(`parameter "${name}" has no value`, {
        hint: `give it by template.values.${name} in the config, in the parameters file, or by a defaultValue`,
        place: this.#place(keyStart),
      });
    });
  }

  #default(definition: ParameterDefinition, node: ArmNode): ArmValue {
    const place = this.#place(node.start);
    try {
      const evaluated = this.#evaluator?.evaluate(node) ?? NOTHING;
      const isPlain = definition.isSecure && !(evaluated instanceof ArmSecret);
      const value = isPlain ? toParameter(definition, plain(evaluated)) : evaluated;
      checkParameter(definition, value);
      if (isPlain) this.#warn(definition, value, 'its defaultValue');
      return value;
    } catch (error) {
      throw error instanceof ArmFault ? error.at(place) : error;
    }
  }

  #warn({ name, isSecure }: ParameterDefinition, value: ArmValue, what: string): void {
    if (isSecure && hasLiteral(value))
      this.warnings.push(
        `${this.#source.shown}: parameter "${name}" is a secret and ${what} is in plain text; ` +
          `give it by reference, such as template.values.${name}: {env: NAME}`,
      );
  }

  #prepareVariables(): void {
    const node = this.#root['variables'];
    if (node?.kind !== 'object') return;
    for (const member of node.members) {
      const copies = copiesOf(member) ?? [];
      for (const copy of copies) this.#addVariable(copy.name, (evaluator) => evaluator.copy(copy, OUTERMOST));
      if (copiesOf(member) === undefined)
        this.#addVariable(member.key, (evaluator) => evaluator.evaluate(member.value));
    }
  }

  #addVariable(name: string, evaluate: (evaluator: ArmEvaluator) => ArmValue): void {
    const value = this.#once(`variable ${name}`, () =>
      this.#evaluator === undefined ? NOTHING : evaluate(this.#evaluator),
    );
    this.#variables.set(name.toLowerCase(), { name, value });
  }

  /** A fault is kept too. Throws where evaluating comes back to it. */
  #once(what: string, evaluate: Later): Later {
    let result: { readonly value: ArmValue } | { readonly fault: ArmFault } | undefined;
    return () => {
      if (result === undefined) {
        const from = this.#running.indexOf(what);
        if (from !== -1)
          throw new ArmFault(`it needs itself: ${[...this.#running.slice(from), what].join(' → ')}`, {
            hint: 'one of them must not refer to the next',
          });
        this.#running.push(what);
        try {
          result = { value: evaluate() };
        } catch (error) {
          if (!(error instanceof ArmFault)) throw error;
          result = { fault: error };
        } finally {
          this.#running.pop();
        }
      }
      return 'fault' in result ? fail(result.fault) : result.value;
    };
  }

  #named(among: ReadonlyMap<string, { name: string; value: Later }>, name: string, what: string): ArmValue {
    const found = among.get(name.toLowerCase());
    if (found !== undefined) return found.value();
    const near = nearMatch(
      name,
      [...among.values()].map((one) => one.name),
    );
    throw new ArmFault(`the template has no ${what} "${name}"`, {
      hint: near === undefined ? undefined : `did you mean "${near}"?`,
    });
  }

  #unknownParameter({ name, place, hide }: GivenParameter, known: readonly string[]): ArmFault {
    hide?.();
    const near = nearMatch(name, known);
    const list = known.length === 0 ? 'it has none' : `it has ${known.slice(0, 20).join(', ')}`;
    const from = place === undefined ? ', which template.values of the config gives' : '';
    return new ArmFault(`the template has no parameter "${name}"${from}`, {
      hint: near === undefined ? list : `did you mean "${near}"?`,
      place: place ?? this.#place(this.#root['parameters']?.start ?? 0),
    });
  }

  #place(offset: number): ArmPlace {
    return { source: this.#source, offset };
  }
}

function fail(fault: ArmFault): never {
  throw fault;
}

function hasLiteral(value: ArmValue): boolean {
  if (value instanceof ArmSecret) return value.parts.some((part) => typeof part === 'string');
  return typeof value === 'object' && value !== null && Object.values(value).some(hasLiteral);
}
