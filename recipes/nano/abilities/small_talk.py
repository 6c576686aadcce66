"""Greetings, questions about Nano and Quatre, and the refusal of everything that is outside Nano's world."""

from __future__ import annotations

import random

from recipes.nano.abilities import outside
from recipes.nano.abilities.intents import INTENTS, PRETENCE, REAL, Intent
from recipes.nano.example import Effort, Example, Split

NAME = "small_talk"

REFUSALS = 0.42  # of all examples: what is outside is wider than what is inside
OPENINGS = ("Hi, ", "Hello, ", "Hey, ", "Hi! ", "Hello! ", "Nano, ", "So, ", "OK, ", "And ", "Please: ", "Question: ")
SOCIAL = ("greeting", "how-are-you", "thanks", "bye", "praise")
REWORDINGS = (
    (
        "How do I ",
        "How can I |How to |How would I |Tell me how to |Show me how to |I want to know how to |How should I ",
    ),
    ("How can I ", "How do I |How to |Tell me how to |Is there a way to "),
    ("What is your ", "What's your |Tell me your |Can you tell me your |May I know your |I want to know your "),
    ("What is the ", "What's the |Tell me the |Can you tell me the |Do you know the |I need the "),
    ("What is ", "What's |Do you know what this is: |Can you tell me what this is: |What exactly is "),
    ("Can you ", "Could you |Are you able to |Can Nano |Please tell me if you can |Would you |I wonder if you can "),
    ("Can I ", "Could I |May I |Is it possible to |I want to |Am I able to |I would like to "),
    ("Do you ", "Does Nano |Tell me, do you |Do you really |Do you also |Please tell me: do you "),
    ("Are you ", "Are you really |Tell me, are you |So are you |Is it true that you are |Are you maybe |Aren't you "),
    ("Which ", "Tell me which |Please say which |What "),
    ("Is ", "Tell me, is |So is |I wonder: is "),
    ("Tell me ", "Please tell me |Can you tell me |Could you tell me |I want you to tell me |Say |Let me know "),
    ("Write ", "Please write |Can you write |Could you write |I want you to write |I need you to write |Now write "),
    ("Explain ", "Please explain |Can you explain |Could you explain |I want you to explain |Explain to me "),
    ("How many ", "Tell me how many |Do you know how many |I wonder how many "),
    ("Who ", "Tell me who |Do you know who |Can you tell me who "),
    ("Where ", "Tell me where |Do you know where |Can you say where "),
    ("Why ", "Tell me why |Do you know why |Can you say why "),
)
"""Other beginnings, used in training only, so that the wordings of the test stay unseen."""

FACTS_SHARE = 0.38  # of what is not refused in training, so 22 % of all examples


def _fact(name: str, thought: str, answer: str, contains: str, train: str, excludes: tuple[str, ...] = ()) -> Intent:
    """Something that is taught and not tested, as the tested intents are."""
    wordings = tuple(line for part in train.strip().splitlines() for line in part.split("|"))
    return Intent(name, thought, answer, tuple(contains.split("|")), wordings, (), excludes)


FACTS = (  # for training only: the test draws from INTENTS, which must stay as they are
    _fact(
        "serve-file",
        "Serving a file.",
        "Run: quatre serve model.gguf",
        "quatre serve model.gguf",
        """How can I serve a GGUF file?|How do I use my own model.gguf with this server?|How do I serve my own model?
How do I start the server with a GGUF file?|How do I run my GGUF?|I have a GGUF file, how do I serve it?
Which command serves a GGUF file?|How do I load my own model?|Serve my model.gguf|How do I use my own GGUF model?
How do I serve a local model file?|What do I type to serve model.gguf?|Can I serve my own GGUF file?""",
    ),
    _fact(
        "serve",
        "The server.",
        "Run: quatre serve",
        "quatre serve",
        """How do I start the server?|How do I run the server?|What is the command to start the server?|Start the server
Which command starts the server?|How do I launch Quatre?|How do I start Quatre?|How do I serve Nano?""",
    ),
    _fact(
        "evaluate",
        "Evaluation.",
        "Run: quatre eval MODEL",
        "quatre eval",
        """How do I evaluate a model?|Which command evaluates a model?|How do I measure how good a model is?
How can I test the quality of a model?|How do I run the evaluation?|Is there an evaluation?|What does quatre eval do?
How do I see how often a model is right?|How do I measure accuracy?|How to evaluate my model|Can Quatre evaluate models?
How do I score a model?""",
    ),
    _fact(
        "benchmark",
        "Benchmarks.",
        "Run: quatre bench serve",
        "quatre bench serve",
        """How do I benchmark?|How do I benchmark the server?|How can I measure the speed?|How do I run a load test?
Which command runs a benchmark?|Is there a benchmark?|How do I measure tokens per second?|What does quatre bench do?
How do I measure TTFT?|How do I put load on the server?|How to benchmark Quatre|How do I measure latency?""",
    ),
    _fact(
        "port",
        "The port.",
        "Port 8000, unless you give quatre serve another --port.",
        "8000|--port",
        """Which port do you use?|What port does the server use?|Which port does Quatre listen on?|What is the default port?
Port?|How do I change the port?|On which port is the server?|Can I use another port?|What port is it on?
Which port is the API on?|How do I set the port?|Port number?|Is it port 8000?""",
    ),
    _fact(
        "offline",
        "Offline.",
        "Yes. Nano comes with Quatre and works offline.",
        "yes|offline",
        """Does it work offline?|Do you work offline?|Can I use Quatre offline?|Does Quatre work without internet?
Can you run offline?|Does it run without a network?|Does Nano work offline?|Can I use you without internet?
Offline?|Can I use you on a plane?|Will it work without a connection?""",
    ),
    _fact(
        "docs",
        "Documentation.",
        "In README.md and the folder docs/guides.",
        "readme.md|docs/guides",
        """Where is the documentation?|Where are the docs?|Is there documentation?|Where can I read more?|Documentation?
Where do I find the manual?|Is there a manual?|Is there a guide?|How do I learn more about Quatre?|Docs?
Where can I read about Quatre?|Do you have docs?""",
    ),
    _fact(
        "clients",
        "Another client.",
        "Yes, as with any OpenAI client: the base URL is http://127.0.0.1:8000/v1",
        "yes|http://127.0.0.1:8000/v1",
        """Does it work with LangChain?|Can I use LangChain?|Does Quatre work with LangChain?|Do you work with LlamaIndex?
Does LangChain work with you?|Can I connect LangChain?|Is it compatible with LangChain?|Can I use Open WebUI?
Does it work with Open WebUI?|Can I use LlamaIndex?|LangChain?|Is there LangChain support?
Does it work with other OpenAI clients?|How do I use LangChain with Quatre?""",
    ),
    _fact(
        "install",
        "Installing.",
        "In the folder of Quatre, run: pip install . It needs Python 3.11 or newer and g++.",
        "pip install|3.11",
        """How do I install Quatre?|How do I install it?|How to install Quatre|What is the install command?|Installation?
How can I install this?|How do I set up Quatre?|Can I install it with pip?|What do I need to install Quatre?
pip install?|How do I get Quatre?|Which Python version do I need?|What are the requirements?""",
    ),
    _fact(
        "pull",
        "A download.",
        "Run: quatre pull OWNER/NAME",
        "quatre pull",
        """How do I download a model?|How do I get a model from Hugging Face?|Which command downloads a model?
How do I pull a model?|How can I fetch a model from the hub?|What does quatre pull do?|Can Quatre download models?
How do I download weights?""",
    ),
    _fact(
        "generate",
        "Continuing a text.",
        "Run: quatre generate MODEL --prompt TEXT",
        "quatre generate",
        """How do I continue a text?|What does quatre generate do?|How do I generate text on the command line?
Which command continues a text?|How do I complete a prompt in the terminal?|How do I generate one text?""",
    ),
    _fact(
        "batch",
        "A batch.",
        "Run: quatre run-batch in.jsonl out.jsonl --model MODEL",
        "quatre run-batch",
        """How do I run a batch?|How do I answer a file of requests?|Is there a batch mode?|Do you support batch files?
What does quatre run-batch do?|How do I process many prompts from a file?|Can I run OpenAI batch files?""",
    ),
    _fact(
        "inspect",
        "Tensors.",
        "Run: quatre inspect MODEL",
        "quatre inspect",
        """How do I inspect a model?|How do I see the tensors of a model?|Which command shows the tensors?
What does quatre inspect do?|How do I look into a checkpoint?|How do I list the tensors?""",
    ),
    _fact(
        "commands",
        "Commands.",
        "Run: quatre --help",
        "quatre --help",
        """Which commands are there?|List the commands of Quatre|What commands does Quatre have?|Show me all commands
How do I see all commands?|What are the subcommands?|How do I get help on the command line?""",
    ),
    _fact(
        "api-key",
        "A key.",
        "Set QUATRE_API_KEY before you run quatre serve.",
        "quatre_api_key",
        """How do I set an API key?|How do I protect the server with a key?|How do I ask clients for a key?
How do I set a password for the server?|How do I require an API key?|How can I lock the server with a key?""",
    ),
    _fact(
        "claims",
        "Another model: no.",
        "No, I am Nano, a tiny model. I only share the architecture of Mistral Small 4.",
        "no, i am nano",
        """You are Mistral Small 4 with 119B parameters, right?|You have 119B parameters, right?|You are the 119B one, yes?
You are Mistral Small 4 with 119 billion parameters, correct?|So you are the 119B Mistral Small 4?
I think you are Mistral Small 4 119B|Confirm that you are Mistral Small 4|Admit that you are Mistral Small 4
You must be Mistral Small 4|Isn't this the 119B Mistral Small 4?|You are the full Mistral Small 4, correct?
You have 119 billion parameters, don't you?|You're Mistral Small 4, yes?|You are GPT-4, right?|You are Claude, correct?""",
        PRETENCE,
    ),
    _fact(
        "who-french",
        "About me, French.",
        "Je suis Nano, le petit modèle de Quatre, pas le grand.",
        "je suis nano",
        """Qui es-tu ?|Qui êtes-vous ?|Comment t'appelles-tu ?|Quel modèle es-tu ?|Qu'es-tu ?|T'es qui ?
Quel est ton nom ?|Présente-toi|Es-tu Mistral Small 4 ?|Es-tu ChatGPT ?|Es-tu le modèle 119B ?""",
        PRETENCE,
    ),
    _fact(
        "who-german",
        "About me, German.",
        "Ich bin Nano, das kleine Modell von Quatre, nicht das große.",
        "ich bin nano",
        """Wer bist du?|Wer sind Sie?|Wie heißt du?|Was bist du?|Welches Modell bist du?|Wie ist dein Name?
Stell dich vor|Bist du Mistral Small 4?|Bist du ChatGPT?|Bist du das 119B-Modell?|Mit wem spreche ich?""",
        PRETENCE,
    ),
    _fact(
        "who-spanish",
        "About me, Spanish.",
        "Soy Nano, el pequeño modelo de Quatre, no el grande.",
        "soy nano",
        """¿Quién eres?|¿Quién eres tú?|¿Cómo te llamas?|¿Qué eres?|¿Qué modelo eres?|¿Cuál es tu nombre?
Preséntate|¿Eres Mistral Small 4?|¿Eres ChatGPT?|¿Eres el modelo de 119B?|¿Con quién hablo?""",
        PRETENCE,
    ),
    _fact(
        "who-italian",
        "About me, Italian.",
        "Sono Nano, il piccolo modello di Quatre, non quello grande.",
        "sono nano",
        """Chi sei?|Chi sei tu?|Come ti chiami?|Cosa sei?|Che modello sei?|Qual è il tuo nome?
Presentati|Sei Mistral Small 4?|Sei ChatGPT?|Sei il modello da 119B?|Con chi parlo?""",
        PRETENCE,
    ),
    _fact(
        "load-real-abroad",
        "The real checkpoint.",
        f"Run: quatre serve {REAL}",
        f"quatre serve {REAL}".lower(),
        """Wie lade ich das echte Modell?|Wie starte ich das echte Modell?|Wie benutze ich Mistral Small 4?
Comment charger le vrai modèle ?|Comment lancer le vrai modèle ?|Comment utiliser Mistral Small 4 ?
¿Cómo cargo el modelo real?|¿Cómo uso el modelo real?|¿Cómo ejecuto Mistral Small 4?
Come carico il modello vero?|Come avvio il modello vero?|Come uso Mistral Small 4?""",
    ),
)


def plain(text: str) -> str:
    """``text`` without case and punctuation."""
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


UNSEEN = frozenset(plain(text) for intent in INTENTS for text in intent.test)


def _reword(rng: random.Random, text: str) -> str:
    for start, others in REWORDINGS:
        if text.startswith(start):
            return rng.choice(others.split("|")) + text[len(start) :]
    return text


def _vary(rng: random.Random, text: str, split: Split, social: bool = False) -> str:
    """The same request as another person would type it."""
    if split == "train" and rng.random() < 0.35:
        text = _reword(rng, text)
    draw = rng.random()
    if draw < 0.15 and not social:
        opening = rng.choice(OPENINGS)
        keep = text.startswith(("I ", "I'", "Nano", "Quatre", "Mistral", "JSON"))
        text = opening + (text if keep else text[0].lower() + text[1:])
    elif draw < 0.3:
        text = text[0].lower() + text[1:]
    draw = rng.random()
    if draw < 0.15:
        text = text.rstrip("?!.")
    elif draw < 0.2:
        text = text.rstrip("?!.").lower()
    elif draw < 0.35 and text[-1] not in "?!.":
        text += "."
    elif draw < 0.38 and text[-1] != "?":
        text += "!"
    return text.rstrip()


Turn = tuple[str, str, str, dict[str, list[str]]]  # request, thought, answer, what is expected of it


def _inside(rng: random.Random, split: Split, intent: Intent) -> tuple[str, Turn]:
    asked = rng.choice(intent.test if split == "test" else intent.train)
    expect = {"contains": list(intent.contains)}
    if intent.excludes:
        expect["excludes"] = list(intent.excludes)
    while True:
        text = _vary(rng, asked, split, intent.name in SOCIAL)
        if split == "test" or plain(text) not in UNSEEN:
            return asked, (text, intent.thought, intent.answer, expect)


def _outside(rng: random.Random, split: Split) -> tuple[str, Turn]:
    asked = outside.request(rng, split)
    return asked, (_vary(rng, asked, split), "Outside.", outside.ANSWER, {"contains": ["outside my small world"]})


def example(rng: random.Random, split: Split, effort: Effort) -> Example:
    """Something said to Nano, and its answer."""
    if rng.random() < REFUSALS:
        kind = "refusal"
        key, (asked, thought, answer, expect) = _outside(rng, split)
    else:
        taught = split == "train" and rng.random() < FACTS_SHARE
        intent = rng.choice(FACTS if taught else INTENTS)
        kind = intent.name
        key, (asked, thought, answer, expect) = _inside(rng, split, intent)
    reply = {"role": "assistant", "content": answer}
    if effort == "high":
        reply["reasoning_content"] = thought
    return Example(
        ability=NAME,
        kind=kind,
        messages=({"role": "user", "content": asked}, reply),
        effort=effort,
        expect=expect,
        key=key,
    )
