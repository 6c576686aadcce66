"""The words, names and places that examples are made of, each for training or for tests, never both."""

from __future__ import annotations

import hashlib
import random
from functools import cache, lru_cache

from recipes.nano import vocabulary
from recipes.nano.abilities.stems import ENDS, STEMS
from recipes.nano.example import Split

MADE_UP = 0.35  # share of what pools give in training
REAL = 0.5  # share of real words among those


@lru_cache(maxsize=100_000)
def split_of(text: str, tests: int = 3) -> Split:
    """Where a word, a name or a domain belongs, the same in every run: ``tests`` of 10 are for tests."""
    return "test" if hashlib.blake2b(text.lower().encode(), digest_size=4).digest()[0] % 10 < tests else "train"


class Pool:
    """Words of one sort, parted by their hash."""

    def __init__(self, words: str, separator: str | None = None, without: frozenset[str] = frozenset()) -> None:
        all_words = [" ".join(word.split()) for word in words.split(separator)]
        self.parts: dict[Split, list[str]] = {"train": [], "test": []}
        for word in dict.fromkeys(all_words):
            if word and word not in without:
                self.parts[split_of(word)].append(word)

    def draw(self, rng: random.Random, split: Split) -> str:
        """In training often a made-up word instead: who has met only known words repeats only known words."""
        word = rng.choice(self.parts[split])
        if split == "test" or rng.random() >= MADE_UP:
            return word
        return pseudo(rng, split).capitalize() if word[0].isupper() else pseudo(rng, split)

    def several(self, rng: random.Random, split: Split, count: int) -> list[str]:
        """Different words."""
        return rng.sample(self.parts[split], count)


FIRST = Pool("""
Anna Ben Clara David Emma Frank Grace Henry Iris Jack Kate Leo Maria Noah Olivia Paul Quinn Rosa Sam Tina Umar Vera
Walter Xavier Yara Zoe Alice Bob Carlos Diana Eric Fatima George Hannah Ivan Julia Karl Laura Martin Nina Oscar Petra
Rachel Simon Thomas Ursula Victor Wendy Peter Sarah John Mary James Linda Robert Susan Michael Karen William Lisa
Daniel Nancy Mark Betty Steven Sandra Andrew Ashley Kevin Emily Brian Amy Edward Carol Jason Helen Ryan Anja Pierre
Marie Hugo Chloe Lucas Lea Jules Amelie Giulia Marco Luca Sofia Pablo Lucia Diego Elena Mateo Carmen Yuki Kenji Hana
Mei Wei Jin Priya Arjun Ravi Anika Omar Layla Ali Amina Kofi Ama Zuri Tariq Nadia Igor Olga Boris Jonas Finn Mia Lena
Felix Max
José Zoë André Renée Jürgen Søren Łukasz François Inés Björn Noël Anaïs Héctor Jörg Chloé Márta
""")
LAST = Pool("""
Smith Jones Brown Taylor Wilson Davies Evans Walker White Green Hall Wood Martin Clark Lewis King Baker Hill Scott
Young Allen Adams Nelson Carter Parker Cooper Reed Cook Bell Ward Gray Price Fox Stone Lane Ford Hunt Berg Weber Meyer
Wagner Becker Schulz Hoffmann Koch Bauer Richter Klein Wolf Schwarz Dubois Laurent Moreau Bernard Petit Roux Leroy
Garcia Lopez Perez Sanchez Torres Ramos Ruiz Silva Costa Santos Rossi Russo Ferrari Bianchi Romano Conti Greco Tanaka
Sato Suzuki Ito Chen Wang Li Zhang Liu Khan Patel Singh Kumar Shah Novak Horvat Kowalski Ivanov Popov Hansen Larsen
Nilsson Okafor Mensah Diallo Haddad Cohen Levi Murphy Kelly Byrne
Müller Schröder Núñez García Lefèvre Østergård Nowak Gonçalves Åberg Dvořák
""")
CITY = Pool(
    """
Paris,London,Rome,Berlin,Madrid,Vienna,Lisbon,Oslo,Dublin,Prague,Warsaw,Athens,Budapest,Milan,Munich,Hamburg,Cologne,
Lyon,Nice,Lille,Bordeaux,Marseille,Toulouse,Nantes,Turin,Venice,Naples,Florence,Seville,Valencia,Porto,Geneva,Zurich,
Basel,Brussels,Antwerp,Amsterdam,Rotterdam,Copenhagen,Stockholm,Helsinki,Riga,Vilnius,Tallinn,Krakow,Sofia,Bucharest,
Istanbul,Ankara,Cairo,Tunis,Lagos,Nairobi,Accra,Dakar,Cape Town,Dubai,Doha,Delhi,Mumbai,Chennai,Bangkok,Hanoi,Singapore,
Jakarta,Manila,Tokyo,Osaka,Kyoto,Seoul,Beijing,Shanghai,Sydney,Melbourne,Perth,Auckland,New York,Boston,Chicago,Denver,
Seattle,Austin,Dallas,Houston,Miami,Atlanta,San Diego,Los Angeles,San Francisco,Toronto,Montreal,Vancouver,Mexico City,
Lima,Bogota,Quito,Santiago,Buenos Aires,Rio de Janeiro,Havana,Reykjavik,Edinburgh,Glasgow,Leeds,Bristol,Oxford,York,
Zürich,Köln,München,São Paulo,Málaga,Besançon,Malmö,Łódź,Reykjavík,Düsseldorf,Orléans,Bogotá
""",
    ",",
)
COUNTRY = Pool(
    "France,Germany,Spain,Italy,Portugal,Norway,Sweden,Finland,Denmark,Poland,Austria,Switzerland,Belgium,Greece,Ireland,"
    "Turkey,Egypt,Kenya,Ghana,Nigeria,India,China,Japan,Korea,Vietnam,Thailand,Australia,Canada,Mexico,Brazil,Peru,Chile,"
    "Argentina,Cuba,Iceland,Hungary,Romania,Bulgaria,Croatia,Serbia,Ukraine,Morocco,Tunisia,Jordan,Qatar",
    ",",
)
COMPANY = Pool(
    "Acme,Globex,Initech,Umbrella,Hooli,Vertex,Nimbus,Orion,Zenith,Apex,Solaris,Quantum,Bluebird,Redwood,Northwind,"
    "Contoso,Fabrikam,Tailwind,Skyline,Harbor,Summit,Delta,Pioneer,Atlas,Phoenix,Everest,Aurora,Cobalt,Falcon,Granite,"
    "Lumen,Maple,Nova,Onyx,Pixel,Quartz,Ridge,Sierra,Titan,Unity,Vista,Willow",
    ",",
)
THING = Pool(
    "apples,bananas,pears,bread,milk,eggs,butter,cheese,rice,pasta,coffee,tea,sugar,salt,flour,tomatoes,onions,carrots,"
    "potatoes,lemons,chairs,tables,lamps,desks,shelves,pens,notebooks,books,cups,plates,forks,knives,bottles,bags,boxes,"
    "shirts,shoes,hats,socks,jackets,gloves,towels,pillows,blankets,phones,cables,batteries,keyboards,screens,mice,"
    "printers,cameras,headphones,speakers,tents,bikes,helmets,balls,ropes,hammers,nails,screws,brushes,candles,soap,"
    "flowers,honey,olives,grapes,oranges,peaches,mugs,clocks,mirrors,carpets,umbrellas,wallets,rings,watches,toys",
    ",",
)
TOPIC = Pool(
    """
solar energy, black holes, jazz, modern art, old maps, chess, bees, volcanoes, climate change, space travel, robots,
gardening, baking bread, world history, learning French, wild birds, electric cars, sleep, yoga, running shoes,
cheap flights, coral reefs, ancient Rome, machine learning, poetry, street food, wind power, deep sea fish, quantum
computers, stamps, mountain bikes, coffee beans, urban planning, vaccines, dinosaurs, folk music, photography, tax
rules, home repair, board games, healthy snacks, cat breeds, dog training, the moon landing, steam engines,
glaciers, batteries, open source, time zones, castles, lighthouses, tea ceremonies, rain forests, desert plants,
sailing, ice hockey, origami, comic books, train routes, public libraries
""",
    ",",
)
JOB = Pool(
    "teacher,doctor,nurse,engineer,baker,lawyer,pilot,farmer,writer,painter,plumber,designer,driver,chef,dentist,"
    "programmer,accountant,gardener,musician,photographer,architect,carpenter,librarian,mechanic,scientist,translator,"
    "waiter,electrician,journalist,judge,actor,analyst,manager,chemist,biologist,cashier,tailor,vet",
    ",",
)
COLOR = Pool("""
red blue green yellow black white orange purple pink brown gray gold silver teal navy violet beige cyan ivory khaki
lime magenta maroon olive plum rose ruby salmon scarlet tan turquoise indigo coral crimson amber bronze copper cream
charcoal lavender mint mustard peach sand
""")
ADJECTIVE = Pool("""
new old big small fast slow warm cold bright dark quiet loud soft hard light heavy long short deep high low clean dry
wet sweet fresh strong weak rich happy calm brave kind wise young early late simple open secret lucky gentle wild free
blue red green golden silver northern southern hidden broken final second first last next main public private digital
""")
VERB = Pool("""
add adjust align apply archive arrange assign attach balance bake blend block boost build calibrate cancel carve catch
change charge check clean clear climb close collect color combine compare compress compute connect convert cook copy
count cover craft create crop cut decode decorate delay deliver deploy describe design detect dig dispatch display
divide drain draw drive drop dry edit empty encode enlarge enter erase estimate examine expand export extract fetch
fill filter find fix flip fold format forge freeze gather generate get grab grade grant grind group grow guard heat
hide hire hold import improve increase inspect install invite join keep label launch learn lift limit link list load
locate lock log lower mail make map mark match measure melt merge mix modify monitor mount move mute name notify
observe offer open order pack paint park paste patch pause pay pick place plan plant plot polish post pour prepare
press print process produce prune publish pull pump push query raise rank rate read rebuild record recover reduce
refill refresh register release reload remove rename render rent repair repeat replace report request rescue reserve
reset resize restart restore retrieve return review rotate route run save scale scan schedule score seal search select
sell send serve set shake share sharpen shift ship shrink sign slice solve sort split spray stack start stop store
stretch submit suggest summarize swap switch tag test tie track trade train transfer trim tune turn unlock update
upgrade upload validate verify wash watch water weigh wrap
""")
NOUN = Pool("""
account album alloy anchor animal antenna arrow asset atom auction badge balloon bank banner barrel basket beacon bell
bench bird blade board boat bolt bond border bowl brain branch brick bridge bucket budget buffer bundle button cabin
cable cage canal candle canvas card cargo carton cave cell chain chamber channel chapter circuit class cloud coach
coat coin column comet compass contract counter course crane crate crew crop crown crystal cube curtain cycle dam deck
desert device diagram dome door dragon drawer drone drum dune easel echo edge elevator engine entry envelope fabric
factory fan farm feather fence ferry field filter finger flag flame fleet flock flood floor flow forest formula
fountain frame furnace galaxy garage garden gate gear ghost glacier globe glove goal grain graph grid guitar hammer
harbor harvest helmet hive horn hull index inlet island jar jewel journal jungle kernel kettle kite knob label ladder
lake lamp lantern laser lattice leaf ledger lens lever library lid lighthouse limb loan locker loom loop machine
magnet mailbox manual marble market mask mast matrix meadow medal member mesh meteor meter mill mine mirror mission
mold monument moon mosaic motor mountain museum nest node nozzle oasis object ocean orbit orchard organ oven owl
package palace panel parade parcel park patrol pearl pebble pendulum piano pier pilot pipe pipeline pixel planet
planter plate platform plot pocket pond pool port poster potion prism probe profile pulley pump puzzle pyramid quarry
queue quilt rack radar raft rail ramp reactor rebel recipe reef relay reservoir ribbon river robot rocket roof root
rope rover sail sample satellite saucer scale scarf scene school screen seal seed sensor session shaft shelf shell
shield shore shuttle signal silo sketch sled socket spark spear sphere spindle spring squad stable stage stamp star
statue stove strand stream studio submarine summit swarm tank tapestry target temple tent terminal throne tile token
torch tower trail trap treasure tree trench tribe truck tube tunnel turbine umbrella valley valve vault vehicle vessel
village vine violin volcano wagon wall warehouse wave well wheel whistle window windmill wing wire workshop yard zone
""")
ATTRIBUTE = Pool("""
amount angle area balance brand capacity category charge class code color contents count date degree delay density
depth direction distance duration edge factor finish flavor force format frequency gain goal grade group height id
index intensity interval kind label layer length level limit load location margin mark mass material method mode model
mood motor name note number offset option order origin owner pace part path pattern period phase pitch place plan
point policy position power pressure priority profile purpose quality quantity radius range rank rate ratio reason
region role route scale score section sector series shape shift side signal size slot source speed stage state status
step strength style surface tag target taste temperature tension texture theme threshold tier title tone topic type
unit value variant version view voltage volume weight width yield zone
""")
WORDS = Pool("""
about after again always answer back because before better book bring call car change child city close come company
day dinner door early enough evening every family first food friend game garden good great happy head help here home
house idea important inside just kitchen last late leave letter little look lunch money morning mother move music near
never new next night number office open outside paper party people phone photo picture place plan please point problem
question quick ready really report river road room school second see send short show side small soon start station
stop story street summer sun table take talk team thing think ticket time today together tomorrow town train travel
trip under visit wait walk water way week window winter word work world write year yesterday able accident account
across action active actor adult advice afraid age agree air airport alarm alone amazing ancient angle angry animal
apple april area army art artist asleep attic aunt autumn award baby bacon badge bag balcony ball banana band bank bar
barn base basic bath beach bean bear beard beauty bed beef beer begin belt bench best big bike bill bird birth black
blame blood blue board boat body bone boot born boss bottom box boy brain brave break breakfast breath brick bride
bridge bright brother brush build burn bus bush business busy butter buyer cake calm camera camp can candy cap captain
card care carpet case cash cast cat cause center chain chair chance chapter cheap cheese cherry chicken chief choice
church circle class clay clerk click client cliff clock cloud club coal coast coat coffee cold college comfort common
cook cool copper corn corner cost cotton cough council couple cousin cow crazy cream credit crime cross crowd cry
culture cup curve custom dad daily dance danger dark data daughter dead deal dear death debt decade deep degree
delight dentist depth desk detail dial diet dirt dish doctor dog dollar double doubt dozen dress drink drive drop dust
duty each eagle earth east easy echo effort egg eight empty end enemy energy engine enjoy error escape event exam exit
expert extra eye face fact fair fall fame fan fast fat father fault favor fear feast feed feel fever few fiction fifty
fight film final fine fire firm fish five fix flame flat flight flour flower fly fog folder fool foot force foreign
fork form fort forty fox free freedom fresh fruit fuel full fun funny future gain gap gas gate ghost giant gift girl
glad glass goal goat gold golf grain grand grape grass gray grow guess guest guide gun guy habit hair half hall hand
happen hard hat hate heart heat height hero high hill history hit hobby hole holiday holy honest honey hope horse
hospital host hot hotel hour huge human humor hungry hurry hurt ice ill image inch income index indoor injury insect
iron island item jacket jam jar jaw jelly job join joke journey joy judge juice jump jury keen key kid kind king kiss
knee knife knock knot lab lack lady lake lamb lamp land lane language laser laugh law layer lazy lead leader leaf
league leg lemon lend lesson level liar life lift light line lion lip liquid list live load local lock logic lonely
loose lord loss lot love luck lung magic maid main male mall map march mark mass master match math meal meat medal
media medium melon memory metal meter milk mind minor minute mirror mix mobile model modern mom monkey month mood moon
moral motor mouse mouth movie much mud muscle museum myth nail name narrow nation nature neat neck need nerve nest net
nice nine noise north nose note nothing novel nurse nut oak ocean odd offer oil old olive one onion opera opinion
orange orbit order organ owner oxygen pace pack page pain pair palace palm pan panel panic park part pass past path
pay peace peach pen pencil pepper perfect pet phrase piano piece pig pilot pink pipe pity pizza plane plant plastic
plate player plenty pocket poem poet police pond pool poor pop port post pot pound power pride priest prince print
prison prize profit proof proud pub pulse pump pupil pure purple push queen quiet quite quiz rabbit race radio rain
range rare rat raw reach read reason red relax repair reply rest rice rich ride right ring rise risk robot rock role
roof root rope rose rough round row royal rule run rush sad safe sail salad sale salt same sand sauce save scale scar
scene science score sea search season seat secret seed self sense seven shade shadow shape share sharp sheep sheet
shelf shell shift ship shirt shock shoe shop shore shoulder shout shy sick sight sign silk silver simple singer sister
site six size skill skin skirt sky slave sleep slice slip slow smart smell smile smoke smooth snack snake snow soap
sock soft soil solid son song soul sound soup south space spare speak speech speed spell spend spice spider spirit
spoon sport spot spring square staff stage stair stamp star state steak steam steel step stick still stomach stone
storm straw stream stress string strong style sugar suit sunny sweet swim sword tail talent tall tank tap tape task
taste tax teacher tear teeth temple ten tennis tent term test text theory thick thief thin third thumb tide tie tiger
tight tin tiny tip title toast toe tone tongue tool tooth top total touch tough tour towel tower toy track trade trash
treat tree trend trial trick truck trust truth try tube tune turkey turn twin twist type ugly uncle union unit upper
urban user usual vacation valley value van vast vegetable verb very video view village violin virus visa visitor voice
vote wage wall war warm wash waste watch wave weak wealth weapon weather wedding weekend weight west wet whale wheat
wheel while whole wide wife wild will wind wine wing wise wish wolf woman wonder wood wool worry worth wound wrist
yard yellow yes young youth zebra zero zone
""")

KEPT_BACK = frozenset(
    """
true false null none the and
bank books borrow covered delayed departure flight flower indoor insurance interest life live nights parking passengers
payment pets planet plants podcast policy printer problem quote radius rent rental ride rooms shares song species staff
stocks taxi ticker tickets transaction trips visits weeks writer
""".split()
)

_START = "b c d f g h j k l m n p r s t v w z bl br cl cr dr fl fr gl gr kl pl pr sk sl sn st tr vr".split()
_MIDDLE = "a e i o u a e i o u ai ea io ou".split()
_END = "b d f g k l m n p r s t x z nd rn sk st lt mp".split()


@cache
def real_words() -> list[str]:
    """Words of many languages for training, apart from the names in domains that only test, and words of JSON."""
    return [word for word in vocabulary.words() if split_of(word) == "train" and word not in KEPT_BACK]


def pseudo(rng: random.Random, split: Split) -> str:
    """A word that nobody expects: none at all, such as ``flumel`` or ``zarn``; in training also any of many languages,
    since those that are cut into tokens as real words are teach more about them."""
    if split == "train" and rng.random() < REAL:
        return rng.choice(real_words())
    while True:
        if rng.random() < 0.45:
            word = rng.choice(STEMS) + rng.choice(ENDS)
        else:
            word = rng.choice(_START) + rng.choice(_MIDDLE)
            if rng.random() < 0.6:
                word += rng.choice(_START[:18]) + rng.choice(_MIDDLE[:5])
            word += rng.choice(_END)
        if split_of(word) == split:
            return word


def noun(rng: random.Random, split: Split) -> str:
    """A thing's name: a word, or a made-up one."""
    return pseudo(rng, split) if rng.random() < 0.35 else NOUN.draw(rng, split)


def first_name(rng: random.Random, split: Split) -> str:
    return pseudo(rng, split).capitalize() if rng.random() < 0.2 else FIRST.draw(rng, split)


def person(rng: random.Random, split: Split) -> str:
    last = pseudo(rng, split).capitalize() if rng.random() < 0.2 else LAST.draw(rng, split)
    return f"{first_name(rng, split)} {last}"


def city(rng: random.Random, split: Split) -> str:
    return pseudo(rng, split).capitalize() if rng.random() < 0.2 else CITY.draw(rng, split)


def joined(parts: list[str], last: str = "and") -> str:
    """``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}"
