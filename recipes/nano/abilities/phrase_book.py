"""Phrases and words in five languages; a line is one meaning, in the order of ``LANGUAGES``.

A text that stands in several lines is translated as in the first of them, so every request has one right answer.
"""

from __future__ import annotations

LANGUAGES = ("English", "French", "German", "Spanish", "Italian")

_PHRASES = """
Hello.|Bonjour.|Hallo.|Hola.|Ciao.
Good morning.|Bonjour.|Guten Morgen.|Buenos días.|Buongiorno.
Good evening.|Bonsoir.|Guten Abend.|Buenas tardes.|Buonasera.
Good night.|Bonne nuit.|Gute Nacht.|Buenas noches.|Buonanotte.
Goodbye.|Au revoir.|Auf Wiedersehen.|Adiós.|Arrivederci.
See you tomorrow.|À demain.|Bis morgen.|Hasta mañana.|A domani.
See you soon.|À bientôt.|Bis bald.|Hasta pronto.|A presto.
See you later.|À plus tard.|Bis später.|Hasta luego.|A più tardi.
Thank you.|Merci.|Danke.|Gracias.|Grazie.
Thank you very much.|Merci beaucoup.|Vielen Dank.|Muchas gracias.|Grazie mille.
You're welcome.|De rien.|Gern geschehen.|De nada.|Prego.
Yes, please.|Oui, s'il vous plaît.|Ja, bitte.|Sí, por favor.|Sì, per favore.
No, thank you.|Non, merci.|Nein, danke.|No, gracias.|No, grazie.
Excuse me.|Excusez-moi.|Entschuldigung.|Disculpe.|Mi scusi.
I am sorry.|Je suis désolé.|Es tut mir leid.|Lo siento.|Mi dispiace.
Welcome!|Bienvenue !|Willkommen!|¡Bienvenidos!|Benvenuti!
Congratulations!|Félicitations !|Herzlichen Glückwunsch!|¡Felicidades!|Congratulazioni!
Happy birthday!|Joyeux anniversaire !|Alles Gute zum Geburtstag!|¡Feliz cumpleaños!|Buon compleanno!
Merry Christmas!|Joyeux Noël !|Frohe Weihnachten!|¡Feliz Navidad!|Buon Natale!
Happy New Year!|Bonne année !|Frohes neues Jahr!|¡Feliz Año Nuevo!|Buon anno!
Good luck!|Bonne chance !|Viel Glück!|¡Buena suerte!|Buona fortuna!
Enjoy your meal!|Bon appétit !|Guten Appetit!|¡Buen provecho!|Buon appetito!
Have a good trip!|Bon voyage !|Gute Reise!|¡Buen viaje!|Buon viaggio!
Have a nice day!|Bonne journée !|Schönen Tag!|¡Que tenga un buen día!|Buona giornata!
Get well soon!|Bon rétablissement !|Gute Besserung!|¡Que te mejores!|Buona guarigione!
How are you?|Comment allez-vous ?|Wie geht es Ihnen?|¿Cómo está usted?|Come sta?
I am fine.|Je vais bien.|Mir geht es gut.|Estoy bien.|Sto bene.
What is your name?|Comment vous appelez-vous ?|Wie heißen Sie?|¿Cómo se llama usted?|Come si chiama?
My name is Anna.|Je m'appelle Anna.|Ich heiße Anna.|Me llamo Anna.|Mi chiamo Anna.
Nice to meet you.|Enchanté.|Freut mich.|Mucho gusto.|Piacere.
Where are you from?|D'où venez-vous ?|Woher kommen Sie?|¿De dónde es usted?|Di dove è?
I come from Germany.|Je viens d'Allemagne.|Ich komme aus Deutschland.|Vengo de Alemania.|Vengo dalla Germania.
I come from Italy.|Je viens d'Italie.|Ich komme aus Italien.|Vengo de Italia.|Vengo dall'Italia.
I live in Paris.|J'habite à Paris.|Ich wohne in Paris.|Vivo en París.|Abito a Parigi.
I am twenty years old.|J'ai vingt ans.|Ich bin zwanzig Jahre alt.|Tengo veinte años.|Ho vent'anni.
Do you speak English?|Parlez-vous anglais ?|Sprechen Sie Englisch?|¿Habla usted inglés?|Parla inglese?
I speak a little French.|Je parle un peu français.|Ich spreche ein wenig Französisch.|Hablo un poco de francés.|Parlo un po' di francese.
I do not speak Spanish.|Je ne parle pas espagnol.|Ich spreche kein Spanisch.|No hablo español.|Non parlo spagnolo.
I do not understand.|Je ne comprends pas.|Ich verstehe nicht.|No entiendo.|Non capisco.
I understand.|Je comprends.|Ich verstehe.|Entiendo.|Capisco.
I do not know.|Je ne sais pas.|Ich weiß es nicht.|No lo sé.|Non lo so.
Please speak slowly.|Parlez lentement, s'il vous plaît.|Bitte sprechen Sie langsam.|Hable despacio, por favor.|Parli lentamente, per favore.
Can you help me?|Pouvez-vous m'aider ?|Können Sie mir helfen?|¿Puede ayudarme?|Può aiutarmi?
Where is the station?|Où est la gare ?|Wo ist der Bahnhof?|¿Dónde está la estación?|Dov'è la stazione?
Where is the hotel?|Où est l'hôtel ?|Wo ist das Hotel?|¿Dónde está el hotel?|Dov'è l'albergo?
Where are the toilets?|Où sont les toilettes ?|Wo sind die Toiletten?|¿Dónde están los baños?|Dove sono i bagni?
Where do you live?|Où habitez-vous ?|Wo wohnen Sie?|¿Dónde vive usted?|Dove abita?
How much does it cost?|Combien ça coûte ?|Wie viel kostet das?|¿Cuánto cuesta?|Quanto costa?
It is too expensive.|C'est trop cher.|Das ist zu teuer.|Es demasiado caro.|È troppo caro.
What time is it?|Quelle heure est-il ?|Wie spät ist es?|¿Qué hora es?|Che ore sono?
The bill, please.|L'addition, s'il vous plaît.|Die Rechnung, bitte.|La cuenta, por favor.|Il conto, per favore.
A coffee, please.|Un café, s'il vous plaît.|Einen Kaffee, bitte.|Un café, por favor.|Un caffè, per favore.
A table for two, please.|Une table pour deux, s'il vous plaît.|Einen Tisch für zwei, bitte.|Una mesa para dos, por favor.|Un tavolo per due, per favore.
I would like some water.|Je voudrais de l'eau.|Ich möchte Wasser.|Quisiera agua.|Vorrei dell'acqua.
I am hungry.|J'ai faim.|Ich habe Hunger.|Tengo hambre.|Ho fame.
I am thirsty.|J'ai soif.|Ich habe Durst.|Tengo sed.|Ho sete.
I am tired.|Je suis fatigué.|Ich bin müde.|Estoy cansado.|Sono stanco.
I am cold.|J'ai froid.|Mir ist kalt.|Tengo frío.|Ho freddo.
I am ill.|Je suis malade.|Ich bin krank.|Estoy enfermo.|Sono malato.
I am lost.|Je suis perdu.|Ich habe mich verlaufen.|Estoy perdido.|Mi sono perso.
I am happy.|Je suis content.|Ich bin glücklich.|Estoy contento.|Sono felice.
I need a doctor.|J'ai besoin d'un médecin.|Ich brauche einen Arzt.|Necesito un médico.|Ho bisogno di un medico.
I have a question.|J'ai une question.|Ich habe eine Frage.|Tengo una pregunta.|Ho una domanda.
I have no time.|Je n'ai pas le temps.|Ich habe keine Zeit.|No tengo tiempo.|Non ho tempo.
I love you.|Je t'aime.|Ich liebe dich.|Te quiero.|Ti amo.
I like music.|J'aime la musique.|Ich mag Musik.|Me gusta la música.|Mi piace la musica.
I like this book.|J'aime ce livre.|Ich mag dieses Buch.|Me gusta este libro.|Mi piace questo libro.
I am at home.|Je suis à la maison.|Ich bin zu Hause.|Estoy en casa.|Sono a casa.
I am coming.|J'arrive.|Ich komme.|Ya voy.|Arrivo.
I agree.|Je suis d'accord.|Ich bin einverstanden.|Estoy de acuerdo.|Sono d'accordo.
That is right.|C'est juste.|Das stimmt.|Es correcto.|È giusto.
That is wrong.|C'est faux.|Das ist falsch.|Es falso.|È sbagliato.
It does not matter.|Ce n'est pas grave.|Das macht nichts.|No importa.|Non importa.
No problem.|Pas de problème.|Kein Problem.|No hay problema.|Nessun problema.
Of course.|Bien sûr.|Natürlich.|Por supuesto.|Certo.
Maybe.|Peut-être.|Vielleicht.|Quizás.|Forse.
It is beautiful.|C'est beau.|Das ist schön.|Es hermoso.|È bello.
It is very good.|C'est très bon.|Das ist sehr gut.|Es muy bueno.|È molto buono.
It is cold today.|Il fait froid aujourd'hui.|Heute ist es kalt.|Hoy hace frío.|Oggi fa freddo.
It is hot today.|Il fait chaud aujourd'hui.|Heute ist es heiß.|Hoy hace calor.|Oggi fa caldo.
It is raining.|Il pleut.|Es regnet.|Está lloviendo.|Piove.
It is snowing.|Il neige.|Es schneit.|Está nevando.|Nevica.
The sun is shining.|Le soleil brille.|Die Sonne scheint.|Brilla el sol.|Splende il sole.
The train is late.|Le train est en retard.|Der Zug hat Verspätung.|El tren llega tarde.|Il treno è in ritardo.
The shop is closed.|Le magasin est fermé.|Das Geschäft ist geschlossen.|La tienda está cerrada.|Il negozio è chiuso.
The door is open.|La porte est ouverte.|Die Tür ist offen.|La puerta está abierta.|La porta è aperta.
The water is cold.|L'eau est froide.|Das Wasser ist kalt.|El agua está fría.|L'acqua è fredda.
The soup is hot.|La soupe est chaude.|Die Suppe ist heiß.|La sopa está caliente.|La zuppa è calda.
The cat is sleeping.|Le chat dort.|Die Katze schläft.|El gato duerme.|Il gatto dorme.
The dog is big.|Le chien est grand.|Der Hund ist groß.|El perro es grande.|Il cane è grande.
The house is small.|La maison est petite.|Das Haus ist klein.|La casa es pequeña.|La casa è piccola.
The book is new.|Le livre est nouveau.|Das Buch ist neu.|El libro es nuevo.|Il libro è nuovo.
The car is red.|La voiture est rouge.|Das Auto ist rot.|El coche es rojo.|La macchina è rossa.
The child is playing.|L'enfant joue.|Das Kind spielt.|El niño juega.|Il bambino gioca.
The bread is fresh.|Le pain est frais.|Das Brot ist frisch.|El pan está fresco.|Il pane è fresco.
The milk is in the kitchen.|Le lait est dans la cuisine.|Die Milch ist in der Küche.|La leche está en la cocina.|Il latte è in cucina.
We are friends.|Nous sommes amis.|Wir sind Freunde.|Somos amigos.|Siamo amici.
We are ready.|Nous sommes prêts.|Wir sind bereit.|Estamos listos.|Siamo pronti.
We have two children.|Nous avons deux enfants.|Wir haben zwei Kinder.|Tenemos dos hijos.|Abbiamo due figli.
This is my brother.|C'est mon frère.|Das ist mein Bruder.|Este es mi hermano.|Questo è mio fratello.
This is my sister.|C'est ma sœur.|Das ist meine Schwester.|Esta es mi hermana.|Questa è mia sorella.
She is my mother.|Elle est ma mère.|Sie ist meine Mutter.|Ella es mi madre.|Lei è mia madre.
He is my father.|Il est mon père.|Er ist mein Vater.|Él es mi padre.|Lui è mio padre.
He works in a school.|Il travaille dans une école.|Er arbeitet in einer Schule.|Trabaja en una escuela.|Lavora in una scuola.
I drink tea.|Je bois du thé.|Ich trinke Tee.|Bebo té.|Bevo tè.
I eat an apple.|Je mange une pomme.|Ich esse einen Apfel.|Como una manzana.|Mangio una mela.
I read a book.|Je lis un livre.|Ich lese ein Buch.|Leo un libro.|Leggo un libro.
I write a letter.|J'écris une lettre.|Ich schreibe einen Brief.|Escribo una carta.|Scrivo una lettera.
I am learning German.|J'apprends l'allemand.|Ich lerne Deutsch.|Aprendo alemán.|Imparo il tedesco.
I work today.|Je travaille aujourd'hui.|Ich arbeite heute.|Trabajo hoy.|Lavoro oggi.
I have a dog.|J'ai un chien.|Ich habe einen Hund.|Tengo un perro.|Ho un cane.
I have a cat.|J'ai un chat.|Ich habe eine Katze.|Tengo un gato.|Ho un gatto.
I see the moon.|Je vois la lune.|Ich sehe den Mond.|Veo la luna.|Vedo la luna.
Come in!|Entrez !|Kommen Sie herein!|¡Adelante!|Avanti!
Help!|Au secours !|Hilfe!|¡Socorro!|Aiuto!
Attention!|Attention !|Achtung!|¡Atención!|Attenzione!
Cheers!|Santé !|Prost!|¡Salud!|Salute!
Wait a moment.|Attendez un moment.|Warten Sie einen Moment.|Espere un momento.|Aspetti un momento.
Sit down, please.|Asseyez-vous, s'il vous plaît.|Setzen Sie sich, bitte.|Siéntese, por favor.|Si sieda, per favore.
Call the police!|Appelez la police !|Rufen Sie die Polizei!|¡Llame a la policía!|Chiami la polizia!
What is this?|Qu'est-ce que c'est ?|Was ist das?|¿Qué es esto?|Che cos'è questo?
Who is that?|Qui est-ce ?|Wer ist das?|¿Quién es?|Chi è?
When do we eat?|Quand mangeons-nous ?|Wann essen wir?|¿Cuándo comemos?|Quando mangiamo?
Why not?|Pourquoi pas ?|Warum nicht?|¿Por qué no?|Perché no?
Where are we going?|Où allons-nous ?|Wohin gehen wir?|¿Adónde vamos?|Dove andiamo?
When does the train leave?|Quand part le train ?|Wann fährt der Zug ab?|¿Cuándo sale el tren?|Quando parte il treno?
Is there a bank here?|Y a-t-il une banque ici ?|Gibt es hier eine Bank?|¿Hay un banco aquí?|C'è una banca qui?
Do you have a room?|Avez-vous une chambre ?|Haben Sie ein Zimmer?|¿Tiene una habitación?|Avete una camera?
Can I pay by card?|Puis-je payer par carte ?|Kann ich mit Karte zahlen?|¿Puedo pagar con tarjeta?|Posso pagare con la carta?
Today is Monday.|Aujourd'hui, c'est lundi.|Heute ist Montag.|Hoy es lunes.|Oggi è lunedì.
Tomorrow is Sunday.|Demain, c'est dimanche.|Morgen ist Sonntag.|Mañana es domingo.|Domani è domenica.
It is late.|Il est tard.|Es ist spät.|Es tarde.|È tardi.
It is early.|Il est tôt.|Es ist früh.|Es temprano.|È presto.
It is far.|C'est loin.|Es ist weit.|Está lejos.|È lontano.
It is easy.|C'est facile.|Das ist einfach.|Es fácil.|È facile.
It is difficult.|C'est difficile.|Das ist schwierig.|Es difícil.|È difficile.
Turn left.|Tournez à gauche.|Biegen Sie links ab.|Gire a la izquierda.|Giri a sinistra.
Turn right.|Tournez à droite.|Biegen Sie rechts ab.|Gire a la derecha.|Giri a destra.
Go straight ahead.|Allez tout droit.|Gehen Sie geradeaus.|Siga todo recto.|Vada dritto.
I lost my key.|J'ai perdu ma clé.|Ich habe meinen Schlüssel verloren.|Perdí mi llave.|Ho perso la mia chiave.
I forgot my bag.|J'ai oublié mon sac.|Ich habe meine Tasche vergessen.|Olvidé mi bolsa.|Ho dimenticato la mia borsa.
What a pity!|Quel dommage !|Wie schade!|¡Qué lástima!|Che peccato!
"""

_WORDS = """
yes|oui|ja|sí|sì
no|non|nein|no|no
please|s'il vous plaît|bitte|por favor|per favore
and|et|und|y|e
with|avec|mit|con|con
here|ici|hier|aquí|qui
always|toujours|immer|siempre|sempre
never|jamais|nie|nunca|mai
house|maison|Haus|casa|casa
dog|chien|Hund|perro|cane
cat|chat|Katze|gato|gatto
bird|oiseau|Vogel|pájaro|uccello
fish|poisson|Fisch|pez|pesce
horse|cheval|Pferd|caballo|cavallo
cow|vache|Kuh|vaca|mucca
mouse|souris|Maus|ratón|topo
pig|cochon|Schwein|cerdo|maiale
sheep|mouton|Schaf|oveja|pecora
lion|lion|Löwe|león|leone
bear|ours|Bär|oso|orso
butterfly|papillon|Schmetterling|mariposa|farfalla
tree|arbre|Baum|árbol|albero
flower|fleur|Blume|flor|fiore
forest|forêt|Wald|bosque|foresta
mountain|montagne|Berg|montaña|montagna
river|rivière|Fluss|río|fiume
sea|mer|Meer|mar|mare
lake|lac|See|lago|lago
island|île|Insel|isla|isola
beach|plage|Strand|playa|spiaggia
sun|soleil|Sonne|sol|sole
moon|lune|Mond|luna|luna
star|étoile|Stern|estrella|stella
sky|ciel|Himmel|cielo|cielo
rain|pluie|Regen|lluvia|pioggia
snow|neige|Schnee|nieve|neve
wind|vent|Wind|viento|vento
fire|feu|Feuer|fuego|fuoco
earth|terre|Erde|tierra|terra
stone|pierre|Stein|piedra|pietra
water|eau|Wasser|agua|acqua
bread|pain|Brot|pan|pane
butter|beurre|Butter|mantequilla|burro
milk|lait|Milch|leche|latte
cheese|fromage|Käse|queso|formaggio
egg|œuf|Ei|huevo|uovo
meat|viande|Fleisch|carne|carne
apple|pomme|Apfel|manzana|mela
pear|poire|Birne|pera|pera
cherry|cerise|Kirsche|cereza|ciliegia
strawberry|fraise|Erdbeere|fresa|fragola
lemon|citron|Zitrone|limón|limone
potato|pomme de terre|Kartoffel|patata|patata
tomato|tomate|Tomate|tomate|pomodoro
onion|oignon|Zwiebel|cebolla|cipolla
salt|sel|Salz|sal|sale
sugar|sucre|Zucker|azúcar|zucchero
coffee|café|Kaffee|café|caffè
tea|thé|Tee|té|tè
wine|vin|Wein|vino|vino
beer|bière|Bier|cerveza|birra
soup|soupe|Suppe|sopa|zuppa
cake|gâteau|Kuchen|pastel|torta
breakfast|petit déjeuner|Frühstück|desayuno|colazione
knife|couteau|Messer|cuchillo|coltello
fork|fourchette|Gabel|tenedor|forchetta
spoon|cuillère|Löffel|cuchara|cucchiaio
plate|assiette|Teller|plato|piatto
bottle|bouteille|Flasche|botella|bottiglia
table|table|Tisch|mesa|tavolo
chair|chaise|Stuhl|silla|sedia
bed|lit|Bett|cama|letto
door|porte|Tür|puerta|porta
window|fenêtre|Fenster|ventana|finestra
wall|mur|Wand|pared|muro
garden|jardin|Garten|jardín|giardino
kitchen|cuisine|Küche|cocina|cucina
room|chambre|Zimmer|habitación|camera
key|clé|Schlüssel|llave|chiave
lamp|lampe|Lampe|lámpara|lampada
book|livre|Buch|libro|libro
letter|lettre|Brief|carta|lettera
newspaper|journal|Zeitung|periódico|giornale
paper|papier|Papier|papel|carta
pencil|crayon|Bleistift|lápiz|matita
picture|image|Bild|imagen|immagine
word|mot|Wort|palabra|parola
language|langue|Sprache|idioma|lingua
question|question|Frage|pregunta|domanda
answer|réponse|Antwort|respuesta|risposta
name|nom|Name|nombre|nome
number|nombre|Zahl|número|numero
school|école|Schule|escuela|scuola
teacher|professeur|Lehrer|profesor|insegnante
student|étudiant|Student|estudiante|studente
doctor|médecin|Arzt|médico|medico
friend|ami|Freund|amigo|amico
mother|mère|Mutter|madre|madre
father|père|Vater|padre|padre
brother|frère|Bruder|hermano|fratello
sister|sœur|Schwester|hermana|sorella
son|fils|Sohn|hijo|figlio
daughter|fille|Tochter|hija|figlia
child|enfant|Kind|niño|bambino
man|homme|Mann|hombre|uomo
woman|femme|Frau|mujer|donna
king|roi|König|rey|re
queen|reine|Königin|reina|regina
head|tête|Kopf|cabeza|testa
hand|main|Hand|mano|mano
foot|pied|Fuß|pie|piede
eye|œil|Auge|ojo|occhio
ear|oreille|Ohr|oreja|orecchio
mouth|bouche|Mund|boca|bocca
nose|nez|Nase|nariz|naso
heart|cœur|Herz|corazón|cuore
hair|cheveux|Haar|pelo|capelli
city|ville|Stadt|ciudad|città
village|village|Dorf|pueblo|villaggio
street|rue|Straße|calle|strada
bridge|pont|Brücke|puente|ponte
church|église|Kirche|iglesia|chiesa
castle|château|Schloss|castillo|castello
shop|magasin|Geschäft|tienda|negozio
train station|gare|Bahnhof|estación|stazione
airport|aéroport|Flughafen|aeropuerto|aeroporto
train|train|Zug|tren|treno
car|voiture|Auto|coche|macchina
bicycle|vélo|Fahrrad|bicicleta|bicicletta
ship|bateau|Schiff|barco|nave
airplane|avion|Flugzeug|avión|aereo
country|pays|Land|país|paese
world|monde|Welt|mundo|mondo
day|jour|Tag|día|giorno
night|nuit|Nacht|noche|notte
afternoon|après-midi|Nachmittag|tarde|pomeriggio
evening|soir|Abend|noche|sera
week|semaine|Woche|semana|settimana
month|mois|Monat|mes|mese
year|année|Jahr|año|anno
hour|heure|Stunde|hora|ora
time|temps|Zeit|tiempo|tempo
today|aujourd'hui|heute|hoy|oggi
tomorrow|demain|morgen|mañana|domani
morning|matin|Morgen|mañana|mattina
yesterday|hier|gestern|ayer|ieri
spring|printemps|Frühling|primavera|primavera
summer|été|Sommer|verano|estate
autumn|automne|Herbst|otoño|autunno
winter|hiver|Winter|invierno|inverno
shoe|chaussure|Schuh|zapato|scarpa
hat|chapeau|Hut|sombrero|cappello
shirt|chemise|Hemd|camisa|camicia
dress|robe|Kleid|vestido|vestito
coat|manteau|Mantel|abrigo|cappotto
bag|sac|Tasche|bolsa|borsa
money|argent|Geld|dinero|denaro
work|travail|Arbeit|trabajo|lavoro
music|musique|Musik|música|musica
song|chanson|Lied|canción|canzone
game|jeu|Spiel|juego|gioco
love|amour|Liebe|amor|amore
peace|paix|Frieden|paz|pace
luck|chance|Glück|suerte|fortuna
life|vie|Leben|vida|vita
red|rouge|rot|rojo|rosso
blue|bleu|blau|azul|blu
green|vert|grün|verde|verde
yellow|jaune|gelb|amarillo|giallo
black|noir|schwarz|negro|nero
white|blanc|weiß|blanco|bianco
brown|marron|braun|marrón|marrone
grey|gris|grau|gris|grigio
pink|rose|rosa|rosa|rosa
big|grand|groß|grande|grande
small|petit|klein|pequeño|piccolo
old|vieux|alt|viejo|vecchio
new|nouveau|neu|nuevo|nuovo
young|jeune|jung|joven|giovane
good|bon|gut|bueno|buono
bad|mauvais|schlecht|malo|cattivo
hot|chaud|heiß|caliente|caldo
cold|froid|kalt|frío|freddo
long|long|lang|largo|lungo
short|court|kurz|corto|corto
beautiful|beau|schön|hermoso|bello
fast|rapide|schnell|rápido|veloce
slow|lent|langsam|lento|lento
easy|facile|einfach|fácil|facile
difficult|difficile|schwierig|difícil|difficile
happy|heureux|glücklich|feliz|felice
sad|triste|traurig|triste|triste
strong|fort|stark|fuerte|forte
rich|riche|reich|rico|ricco
poor|pauvre|arm|pobre|povero
full|plein|voll|lleno|pieno
empty|vide|leer|vacío|vuoto
to eat|manger|essen|comer|mangiare
to drink|boire|trinken|beber|bere
to sleep|dormir|schlafen|dormir|dormire
to go|aller|gehen|ir|andare
to come|venir|kommen|venir|venire
to see|voir|sehen|ver|vedere
to hear|entendre|hören|oír|sentire
to speak|parler|sprechen|hablar|parlare
to read|lire|lesen|leer|leggere
to write|écrire|schreiben|escribir|scrivere
to learn|apprendre|lernen|aprender|imparare
to work|travailler|arbeiten|trabajar|lavorare
to play|jouer|spielen|jugar|giocare
to sing|chanter|singen|cantar|cantare
to dance|danser|tanzen|bailar|ballare
to run|courir|laufen|correr|correre
to swim|nager|schwimmen|nadar|nuotare
to buy|acheter|kaufen|comprar|comprare
to sell|vendre|verkaufen|vender|vendere
to give|donner|geben|dar|dare
to take|prendre|nehmen|tomar|prendere
to open|ouvrir|öffnen|abrir|aprire
to close|fermer|schließen|cerrar|chiudere
to love|aimer|lieben|amar|amare
to live|vivre|leben|vivir|vivere
to cook|cuisiner|kochen|cocinar|cucinare
to think|penser|denken|pensar|pensare
to help|aider|helfen|ayudar|aiutare
"""

MONTHS = (
    "January February March April May June July August September October November December".split(),
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split(),
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre".split(),
)
WEEKDAYS = (
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    "lundi mardi mercredi jeudi vendredi samedi dimanche".split(),
    "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag".split(),
    "lunes martes miércoles jueves viernes sábado domingo".split(),
    "lunedì martedì mercoledì giovedì venerdì sabato domenica".split(),
)
CALENDAR = (*zip(*MONTHS, strict=True), *zip(*WEEKDAYS, strict=True))


def _rows(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.split("|")) for line in text.strip().splitlines())


PHRASES = _rows(_PHRASES)
WORDS = _rows(_WORDS)
_ALL = (*PHRASES, *CALENDAR, *WORDS)


def _owners() -> dict[str, int]:
    owners: dict[str, int] = {}
    for i, row in enumerate(_ALL):
        for text in row:
            owners.setdefault(text.lower(), i)
    return owners


_OWNERS = _owners()


def clear(row: tuple[str, ...], language: int) -> bool:
    """Whether the text of ``row`` in that language stands for this line and no other, in whatever language."""
    return _ALL[_OWNERS[row[language].lower()]] == row
