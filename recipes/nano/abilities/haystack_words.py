"""The words of haystacks: common ones for prose, and names, places and things that prose never uses."""

from __future__ import annotations

ADJECTIVES = """
able amber ancient angry bare bitter black blue bold brave brief bright brisk broad broken brown calm careful cheap
clean clear clever cloudy cold common cool copper crisp curious damp dark dear deep dense dry dull dusty eager early
easy empty even faint fair faithful famous fast final fine firm flat fond foreign frail free fresh friendly full
gentle giant glad golden good grand gray great green happy hard heavy high hollow honest huge humble icy idle iron
ivory jolly keen kind large late lazy lean light little lively lonely long loose loud low loyal lucky mellow merry
mild misty modern modest muddy narrow near neat new noble noisy odd old open orange pale patient plain pleasant polite
poor proud pure purple quick quiet rapid rare raw ready red rich ripe rough round royal rusty sad safe salty sandy
scarlet sharp short shy silent silver simple slender slow small smooth soft solid sour spare steady steep stiff still
strange strict strong sturdy sunny sure sweet swift tall tame tender thick thin tidy tiny tired true vast violet warm
weak weary wet white whole wide wild windy wise wooden young yellow
""".split()

NOUNS = """
actor afternoon answer apron arch army aunt author autumn baker balcony band bank barn basket bay beach bench bird
blanket boat book bottle bowl box boy branch bread breakfast bridge brother building bus butcher cabin cake candle
captain carpet cart castle cat cellar chair child church circle city clock cloud coast coat coffee corner cottage
country cousin crowd curtain dance daughter dawn day desk dinner doctor dog door dress driver dust engine evening fair
family farm farmer father fence field fire fish fisherman floor flower fog forest fountain friend garden gate
gentleman girl glass glove grandmother grass guard guest guitar hall hammer harbour hat hill history holiday horse
hotel hour house hunter inn island jacket journey judge kettle king kitchen knife lady ladder lake lamp lane lawyer
leaf lesson letter library light lion lock machine man market master meadow meal merchant message mill miller mirror
monday moon morning mother mountain mouse museum music neighbour newspaper night noise nurse office orchard painter
palace paper park party path pen piano picture pilot plate pocket poem poet pond porch porter postman queen rain
reader ring river road roof room rope sailor school sea season servant shadow shed sheep ship shoe shop shore shoulder
singer sister sky smoke snow soldier son song soup spring stable stage stair station stone storm story stove stranger
stream street student summer sun table tailor teacher theatre thief tower town traffic train traveller tree trip uncle
umbrella valley village violin visitor voice wagon waiter wall water weather wedding week wheel wind window winter
woman wood worker year yard
""".split()

_VERBS = """
admired approached asked avoided believed blamed borrowed bought brought built called carried caught chased cleaned
climbed counted covered crossed described discovered drew dropped enjoyed entered examined expected explained feared
filled followed forgot found gathered greeted guarded heard helped hid imagined invited joined kept knew left liked
lifted lost loved measured mended met missed needed noticed opened painted passed praised pulled pushed reached
remembered repaired replaced rescued saw searched sent shook showed sketched sold spotted studied taught thanked told
touched trusted understood visited waited-for wanted warmed warned washed watched welcomed wrote-about
""".split()
VERBS = [verb.replace("-", " ") for verb in _VERBS]

_ADVERBS = """
again alone already always at-dawn at-last at-noon before-dinner by-chance carefully early every-day gladly in-silence
in-the-rain in-time later many-times near-the-end of-course often on-foot once quickly quietly slowly sometimes soon
that-day there twice under-the-moon very-late with-care with-pride without-a-word
""".split()
ADVERBS = [adverb.replace("-", " ") for adverb in _ADVERBS]

NAMES = """
Aaron Ada Adam Agnes Ahmed Alan Albert Alice Amara Amir Amy Ana Andrea Anita Anna Anton Arthur Astrid Aya Beatrice Ben
Bianca Boris Bruno Camille Carla Carlos Cecilia Chen Chloe Clara Claudia Colin Dana Daniel David Diana Diego Dora
Edgar Elena Elias Elif Emil Emily Emma Enzo Erik Esther Eva Fatima Felix Fiona Frank Freya George Gina Greta Hana
Hannah Harold Hassan Heidi Helen Hugo Ian Ibrahim Ida Igor Ines Ingrid Irene Isaac Ivan Jack Jakob James Jane Jasmin
Joana Johan Julia Karim Karl Kate Kenji Lara Laura Leila Leo Lina Louis Lucas Lucy Luis Magda Marco Maria Marie Martin
Mateo Maya Mei Mia Mila Mohamed Nadia Nathan Nina Noah Nora Olga Oliver Omar Oscar Pablo Paula Pedro Peter Petra Priya
Rachel Raj Rita Robert Rosa Ruth Sami Sara Simon Sofia Sven Tara Theo Thomas Tom Uma Vera Victor Wanda Yara Yusuf Zoe
""".split()

PLACES = """
Accra Amsterdam Ankara Athens Baku Bangkok Barcelona Beirut Belgrade Berlin Bern Bogota Boston Bremen Brussels
Bucharest Budapest Cairo Chicago Cologne Copenhagen Dakar Dallas Delhi Denver Dublin Florence Geneva Genoa Ghent
Glasgow Hamburg Hanoi Havana Helsinki Istanbul Jakarta Kiev Krakow Lagos Leeds Lima Lisbon London Lyon Madrid Manila
Marseille Miami Milan Montreal Moscow Munich Nairobi Naples Nice Osaka Oslo Ottawa Palermo Paris Porto Prague Quito
Riga Rome Rotterdam Santiago Seoul Seville Sofia Stockholm Sydney Tallinn Tehran Tirana Tokyo Toronto Tunis Turin
Valencia Venice Vienna Vilnius Warsaw Zagreb Zurich
""".split()
PLACES = [place for place in PLACES if place not in NAMES]

THINGS = """
acorn almond anchor ant apple apricot badger banana bear beaver bee beetle berry bison camel canary carrot cedar
cherry cobra coconut comet coral cricket crow daisy deer dolphin donkey dragon dragonfly eagle elephant falcon fern
fig flamingo fox frog garlic giraffe goat gorilla grape hawk hedgehog heron iris ivy jaguar kiwi koala lemon leopard
lily lime lizard llama lobster lotus magnet mango maple melon mole monkey moose mushroom nut oak octopus olive onion
orchid otter owl oyster panda panther parrot peach peacock pear pelican penguin pepper pigeon pine planet plum pony
poppy potato pumpkin puppy rabbit raccoon radish raven robin rocket rose salmon seal shark snail snake sparrow spider
squid squirrel swan tiger tomato trout tulip turnip turtle walnut walrus whale willow wolf wombat yak zebra
""".split()
